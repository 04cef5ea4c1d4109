import { fileURLToPath } from 'node:url'
import { designStyle, logoUrl } from '@lobbykey/contract/design'
import { defineConfig, type Plugin } from 'vite'

const styleId = 'virtual:design.css'

/** The custom properties that all pages share, as a style sheet, and the icon. */
const design: Plugin = {
  name: 'design',
  resolveId: (id) => (id === styleId ? `\0${styleId}` : null),
  load: (id) => (id === `\0${styleId}` ? designStyle() : null),
  transformIndexHtml: (html) => html.replaceAll('%ICON%', logoUrl),
}

/** Each page is a build of its own, `--mode playground` or `--mode console`: they are served by different listeners. */
// biome-ignore lint/style/noDefaultExport: Vite reads the default export
export default defineConfig(({ mode: page }) => ({
  root: fileURLToPath(new URL(`src/${page}/`, import.meta.url)),
  base: `/${page}/`,
  logLevel: 'warn',
  plugins: [design],
  // `npm run dev -w @lobbykey/console -- --mode console` beside a running sandbox.
  server: {
    proxy: { '/api': 'http://127.0.0.1:8080', '/merchant-api': 'http://127.0.0.1:8080', '/admin/api': 'http://127.0.0.1:8081' },
  },
  build: {
    target: 'es2022',
    outDir: fileURLToPath(new URL(`dist/${page}/`, import.meta.url)),
    emptyOutDir: true,
    manifest: true,
    // Browsers that know light-dark(), so that it is left as it is.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // What a chunk imports is asked for with it; browsers that know no preload load it a step later.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // test/build-sizes.test.ts holds the pages to what a visitor loads, compressed.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      onLog(level, log, report) {
        // Mantine marks its modules for React's server components, which this page has none of.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log)
      },
    },
  },
}))
