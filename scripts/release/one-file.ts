import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What no program loads. */
const isLeftOut = (path: string) =>
  /\.(?:md|markdown|d\.ts|d\.cts|d\.mts|ts)$|\/(?:test|tests|__tests__|docs|examples?|benchmarks?)\//i.test(path)

/**
 * `lobbykey` for machines without Node.js: this Node.js with the installed package in it (single executable application). It unpacks itself into the
 * user's cache at its first start.
 * @param tree an installed package, from `installTree`
 */
export function buildOneFile(tree: string, output: string): void {
  const paths = globSync('node_modules/**/*', { cwd: tree })
    .filter((path) => !isLeftOut(path) && statSync(join(tree, path)).isFile())
    .sort()
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-one-file-'))
  try {
    const build = join(folder, 'build')
    const digests = paths.map((path) => `${hash('sha256', readFileSync(join(tree, path)))} ${path}\n`).join('')
    writeFileSync(build, hash('sha256', digests + process.version).slice(0, 16))
    const config = join(folder, 'sea.json')
    const assets = { build, ...Object.fromEntries(paths.map((path) => [path, join(tree, path)])) }
    // Its path is in the program: relative, it is the same for every builder.
    const main = 'one-file-main.js'
    writeFileSync(
      config,
      JSON.stringify({ main, mainFormat: 'module', output, disableExperimentalSEAWarning: true, useCodeCache: false, assets }),
    )
    execFileSync(process.execPath, ['--build-sea', config], { cwd: import.meta.dirname, stdio: ['ignore', 'ignore', 'inherit'] })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
