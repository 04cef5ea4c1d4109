import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Packages that go into the bundle. Both are hundreds of small modules, of which the server needs a part: read one by one they are a third of its
 * start, and 20 MiB. Plain JavaScript with no dependencies and no files of their own.
 */
const names: ReadonlySet<string> = new Set(['kysely', 'typebox'])

export function isInlined(specifier: string): boolean {
  return names.has(specifier.split('/', 1)[0] ?? '')
}

/** Their licences, which ask to be passed on with the code. */
export function licenceNotices(root: string): string {
  const notices = [...names].map((name) => {
    const folder = join(root, 'node_modules', name)
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string; license: string }
    const text = readFileSync(join(folder, licenceFileOf(name)), 'utf8').trim()
    return `${name} ${version} (${license})\n\n${text}\n`
  })
  return `The files in dist/ contain these packages.\n\n${notices.join('\n\n')}`
}

function licenceFileOf(name: string): string {
  return name === 'typebox' ? 'license' : 'LICENSE'
}
