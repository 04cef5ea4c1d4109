/**
 * Makes one file of each package that consists of hundreds of modules, which every process of a test run would load one by one: that takes a third of a
 * second of processor time. The server's own code is loaded as it is.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

/** Names under which they are imported. */
const names = ['kysely', 'typebox', 'typebox/compile', 'typebox/value']
const hookFile = 'use-bundles.js'

/** @returns the option with which Node.js uses the files, which are made once per version */
export async function bundlePackages(cache: string): Promise<string> {
  const folder = join(cache, ['bundles', versionOf('kysely'), versionOf('typebox')].join('-'))
  if (!existsSync(folder)) await write(folder)
  return `--import=${pathToFileURL(join(folder, hookFile))}`
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version
}

/** Another run may do the same at once: the folder gets its name when it is complete. */
async function write(folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true })
  const partial = mkdtempSync(`${folder}-`)
  const bundle = await rolldown({ input: Object.fromEntries(names.map((name) => [name.replace('/', '-'), name])), platform: 'node' })
  await bundle.write({ dir: partial, format: 'esm' })
  await bundle.close()
  writeFileSync(join(partial, 'package.json'), '{"type":"module"}')
  writeFileSync(join(partial, hookFile), hook)
  if (!existsSync(folder)) renameSync(partial, folder)
}

const hook = `import { registerHooks } from 'node:module'

const names = ${JSON.stringify(names)}

registerHooks({
  resolve: (name, context, next) =>
    names.includes(name)
      ? { url: new URL(\`./\${name.replace('/', '-')}.js\`, import.meta.url).href, format: 'module', shortCircuit: true }
      : next(name, context),
})
`
