import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStore } from '../../src/store/open-store.ts'

/** The previous release: until there is a tag, the commit of 28 November 2026 that could first be packed as one. */
const commit = 'c2b727e'
const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** The program of the previous release, from this clone's history. */
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

  /** With the packages installed here. */
  static unpack(): ReleaseBefore {
    const folder = unpackInto('packages')
    // Its own packages, and all others as installed here.
    linkAll(join(root, 'node_modules'), join(folder, 'node_modules'), [
      '@lobbykey',
      '.bin',
      '.package-lock.json',
      'lobbykey',
      'lobbykey-client',
    ])
    // npm creates this folder only for packages that cannot be hoisted.
    const own = join(root, 'packages/server/node_modules')
    if (existsSync(own)) linkAll(own, join(folder, 'packages/server/node_modules'), [])
    mkdirSync(join(folder, 'node_modules/@lobbykey'))
    symlinkSync(join(folder, 'packages/contract'), join(folder, 'node_modules/@lobbykey/contract'))
    symlinkSync(join(folder, 'packages/client'), join(folder, 'node_modules/lobbykey-client'))
    return new ReleaseBefore(folder)
  }

  /** With the packages of its own lock file, as docs/operations.md installs a clone. */
  static install(): ReleaseBefore {
    const folder = unpackInto('.')
    execFileSync('npm', ['ci', '--omit=dev', '--prefer-offline', '--no-audit'], { cwd: folder, stdio: 'pipe' })
    return new ReleaseBefore(folder)
  }

  /** The JSON answer of one of its commands, which must succeed. */
  async runJson<T>(env: Readonly<Record<string, string>>, words: readonly string[], input = ''): Promise<T> {
    const { exitCode, output } = this.run([...words, '--json'], env, input)
    if (exitCode !== 0) throw new Error(`${words.join(' ')}: ${output}`)
    return JSON.parse(output) as T
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

/** Leaves in the store what a later release's contracting migration would. */
export async function contract(url: string): Promise<void> {
  const store = await openStore({ url, poolSize: 1 })
  await store.database.run((db) => db.insertInto('schema_migrations').values({ name: '9000-contract-sample' }).execute())
  await store.close()
}

/** @param path what of the repository */
function unpackInto(path: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-before-'))
  const archive = execFileSync('git', ['archive', commit, path], { cwd: root, maxBuffer: 256 << 20 })
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  return folder
}

function linkAll(from: string, to: string, except: readonly string[]): void {
  mkdirSync(to, { recursive: true })
  const names = readdirSync(from, { withFileTypes: true }).map(({ name }) => name)
  for (const name of names) if (!except.includes(name)) symlinkSync(join(from, name), join(to, name))
}
