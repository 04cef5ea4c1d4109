import { defineConfig } from 'vite'

// biome-ignore lint/style/noDefaultExport: Vite reads the default export
export default defineConfig({
  base: '/playground/',
  logLevel: 'warn',
  // `npm run dev -w @lobbykey/console` beside a running sandbox.
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/merchant-api': 'http://127.0.0.1:8080' } },
  build: {
    target: 'es2022',
    // Browsers that know light-dark(), so that it is left as it is.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: false,
    rolldownOptions: {
      onLog(level, log, report) {
        // Mantine marks its modules for React's server components, which this page has none of.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log)
      },
    },
  },
})
