import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { withSbin } from './missing-program.ts'
import { freePort } from './server-process.ts'

/** Debian installs it where only root's PATH looks. */
const readyMsMax = 20_000

/** A real PgBouncer in front of one database, configured as in docs/operations.md but with only two connections to the database. */
export class PgBouncer {
  readonly url: string
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url
    this.#child = child
    this.#folder = folder
  }

  /** @param databaseUrl of the database itself */
  static async start(databaseUrl: string): Promise<PgBouncer> {
    const folder = mkdtempSync(join(tmpdir(), 'lobbykey-pgbouncer-'))
    const path = join(folder, 'pgbouncer.ini')
    const port = await freePort()
    writeFileSync(path, configuration(new URL(databaseUrl), port), { mode: 0o600 })
    // It refuses to run as root.
    const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : null
    if (user !== null) for (const owned of [folder, path]) chownSync(owned, user.uid, user.gid)
    const child = spawn('pgbouncer', ['--quiet', path], { stdio: 'ignore', env: withSbin, ...user })
    const pgBouncer = new PgBouncer(`postgres://anyone@127.0.0.1:${port}/lobbykey`, child, folder)
    await pgBouncer.#untilReady()
    return pgBouncer
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      const exited = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await exited
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #untilReady(): Promise<void> {
    const deadline = performance.now() + readyMsMax
    while (performance.now() < deadline && this.#child.exitCode === null) {
      const client = new pg.Client({ connectionString: this.url })
      client.on('error', () => {})
      try {
        await client.connect()
        await client.query('select 1')
        return
      } catch {
        await delay(50)
      } finally {
        await client.end().catch(() => {})
      }
    }
    await this.stop()
    throw new Error('PgBouncer was not ready')
  }
}

/** The documented configuration, for this database and its user. */
function configuration({ hostname, port, pathname, username, password }: URL, listenPort: number): string {
  const text = readFileSync(fileURLToPath(new URL('../../../../docs/operations.md', import.meta.url)), 'utf8')
  const snippet = /```ini\n(\[databases\][^`]*)```/.exec(text)?.[1] ?? ''
  const login = `user=${decodeURIComponent(username)}${password === '' ? '' : ` password='${decodeURIComponent(password)}'`}`
  return `${snippet
    .replace('host=127.0.0.1 port=5432 dbname=lobbykey', `host=${hostname} port=${port || 5432} dbname=${pathname.slice(1)} ${login}`)
    .replace('6432', String(listenPort))
    .replace('scram-sha-256', 'any')
    .replace('default_pool_size = 20', 'default_pool_size = 2')}unix_socket_dir =\n`
}

function idOf(option: '-u' | '-g'): number {
  return Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }))
}
