import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { isInlined } from './inlined-packages.ts'

/** Worker thread scripts, which nothing imports. */
const workers = [
  'core/catalogue/catalogue-worker.ts',
  'core/explain/explain-worker.ts',
  'http/json-worker.ts',
  'store/sqlite-damage-worker.ts',
]

/** The server, contract and client as plain JavaScript with source maps in `folder`. Other packages stay external, but for a few: some are native, all are pinned. */
export async function bundleServer(root: string, folder: string): Promise<void> {
  const source = join(root, 'packages/server/src')
  const workerFiles = workers.map((name) => join(source, name))
  const placed = new Map([
    ...workerFiles.map((file) => [file, `${basename(file, '.ts')}.js`] as const),
    [join(root, 'packages/console/dist'), 'console/'],
  ])
  /** Scripts of pages, which the code reads from its own folder. */
  const scripts = new Set<string>()
  const placeOf = (path: string) => {
    if (path.endsWith('-script.js')) scripts.add(path)
    return placed.get(path) ?? (scripts.has(path) ? basename(path) : undefined)
  }
  const bundle = await rolldown({
    input: Object.fromEntries([join(source, 'main.ts'), ...workerFiles].map((file) => [basename(file, '.ts'), file])),
    external: (id) => !/^[./]/.test(id) && !/^(lobbykey-client|@lobbykey\/contract)(\/|$)/.test(id) && !isInlined(id),
    platform: 'node',
    plugins: [{ name: 'files-beside-the-code', transform: (code, id) => placeFiles(code, dirname(id), placeOf) }],
  })
  await bundle.write({ dir: folder, format: 'esm', sourcemap: true, entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' })
  for (const path of scripts) copyFileSync(path, join(folder, basename(path)))
}

/** The launcher of a bundle in `folder`/dist. */
export function writeLauncher(root: string, folder: string): void {
  mkdirSync(join(folder, 'bin'), { recursive: true })
  const launcher = readFileSync(join(root, 'packages/server/bin/lobbykey.js'), 'utf8').replace("'../src/main.ts'", "'../dist/main.js'")
  writeFileSync(join(folder, 'bin/lobbykey.js'), launcher, { mode: 0o755 })
}

/** All chunks are in one folder, so files read from a module's own folder are placed there. Line numbers stay. */
function placeFiles(code: string, from: string, placeOf: (path: string) => string | undefined): { code: string; map: null } | null {
  const moved = code.replace(/new URL\((['"])([^'"]+)\1, import\.meta\.url\)/g, (_all, _quote, path: string) => {
    const name = placeOf(resolve(from, path))
    if (name === undefined) throw new Error(`${from} reads ${path}, which the package has no place for: scripts/release/bundle-server.ts`)
    return `new URL('./${name}', import.meta.url)`
  })
  return moved === code ? null : { code: moved, map: null }
}
