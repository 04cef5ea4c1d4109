import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The commit that stands for the previous release until there is a tag. */
const commit = '9a0c8d4'
const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** The program of the previous release, from this clone's history, with the packages installed here. */
export class ReleaseBefore {
  readonly launcher: string
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
    this.launcher = join(folder, 'packages/server/bin/lobbykey.js')
  }

  /** Why it is not available here, or false. */
  static missing(): string | false {
    const { status } = spawnSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: root, stdio: 'ignore' })
    return status === 0 ? false : `this clone does not reach back to ${commit}, the release before`
  }

  static unpack(): ReleaseBefore {
    const folder = mkdtempSync(join(tmpdir(), 'lobbykey-before-'))
    const archive = execFileSync('git', ['archive', commit, 'packages'], { cwd: root, maxBuffer: 256 << 20 })
    execFileSync('tar', ['-x', '-C', folder], { input: archive })
    // Its own packages, and all others as installed here.
    linkAll(join(root, 'node_modules'), join(folder, 'node_modules'), ['@lobbykey', '.bin', '.package-lock.json', 'lobbykey'])
    // npm creates this folder only for packages that cannot be hoisted.
    const own = join(root, 'packages/server/node_modules')
    if (existsSync(own)) linkAll(own, join(folder, 'packages/server/node_modules'), [])
    mkdirSync(join(folder, 'node_modules/@lobbykey'))
    symlinkSync(join(folder, 'packages/contract'), join(folder, 'node_modules/@lobbykey/contract'))
    return new ReleaseBefore(folder)
  }

  /** Runs one of its commands to completion. */
  run(words: readonly string[], env: Readonly<Record<string, string>>, input = ''): { exitCode: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [this.launcher, ...words], {
      env: { PATH: process.env.PATH ?? '', ...env },
      input,
      encoding: 'utf8',
    })
    return { exitCode: status, output: stdout + stderr }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function linkAll(from: string, to: string, except: readonly string[]): void {
  mkdirSync(to, { recursive: true })
  const names = readdirSync(from, { withFileTypes: true }).map(({ name }) => name)
  for (const name of names) if (!except.includes(name)) symlinkSync(join(from, name), join(to, name))
}
