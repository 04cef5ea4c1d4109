import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const benchFolder = dirname(dirname(fileURLToPath(import.meta.url)))
export const repositoryFolder = dirname(benchFolder)
export const resultsFolder = join(benchFolder, 'results')

/** A folder for this run's files, removed with the process. */
const scratchFolder = mkdtempSync(join(tmpdir(), 'lobbykey-bench-'))
process.on('exit', () => rmSync(scratchFolder, { recursive: true, force: true }))
mkdirSync(resultsFolder, { recursive: true })

let files = 0

export function scratchFile(name: string): string {
  return join(scratchFolder, `${++files}-${name}`)
}
