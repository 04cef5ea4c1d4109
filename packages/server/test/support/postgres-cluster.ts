import { execFile, execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from './server-process.ts'

const debianFolder = '/usr/lib/postgresql'

/** The programs of this machine's newest PostgreSQL; null without one. */
export function postgresPrograms(): string | null {
  if (!existsSync(debianFolder)) return null
  const [newest] = readdirSync(debianFolder).sort((a, b) => Number(b) - Number(a))
  const folder = join(debianFolder, newest ?? '', 'bin')
  return existsSync(join(folder, 'initdb')) ? folder : null
}

/** A PostgreSQL server for one test to break: on loopback, without passwords, with its data in a temporary folder. */
export class PostgresCluster {
  readonly port: number
  readonly #folder: string

  private constructor(folder: string, port: number) {
    this.#folder = folder
    this.port = port
  }

  /** @param parent the folder in which its own lies */
  static async start(parent = tmpdir()): Promise<PostgresCluster> {
    const cluster = await PostgresCluster.#prepare(parent)
    cluster.#run('initdb', '-D', cluster.#data, '-U', 'lobbykey', '-A', 'trust', '-N')
    await cluster.restart()
    return cluster
  }

  /** A standby that follows this one asynchronously. */
  async addStandby(): Promise<PostgresCluster> {
    const standby = await PostgresCluster.#prepare()
    standby.#run('pg_basebackup', '-D', standby.#data, '-R', '-X', 'stream', '-c', 'fast', '-d', this.urlOf('postgres'))
    await standby.restart()
    return standby
  }

  get #data(): string {
    return join(this.#folder, 'data')
  }

  urlOf(database: string): string {
    return `postgres://lobbykey@127.0.0.1:${this.port}/${database}`
  }

  async query<T extends pg.QueryResultRow>(database: string, statement: string): Promise<T[]> {
    const client = new pg.Client({ connectionString: this.urlOf(database) })
    await client.connect()
    try {
      return (await client.query<T>(statement)).rows
    } finally {
      await client.end()
    }
  }

  /** A dump of a whole database, by `pg_dump`. */
  dump(database: string): string {
    return this.#run('pg_dump', '-d', this.urlOf(database))
  }

  /** Replaces a database by a dump, whoever is connected: like an operator, with its name unavailable only for a moment. */
  async restore(database: string, dump: string): Promise<void> {
    await this.query('postgres', 'create database restored')
    this.#run('psql', { input: dump }, '-q', '-v', 'ON_ERROR_STOP=1', '-d', this.urlOf('restored'))
    await this.query('postgres', `drop database ${database} with (force)`)
    await this.query('postgres', `alter database restored rename to ${database}`)
  }

  /** After `stop`. */
  async restart(): Promise<void> {
    const options = `-p ${this.port} -k ${this.#folder} -c listen_addresses=127.0.0.1 -c max_connections=60 -c wal_level=replica`
    await this.#control('-l', join(this.#folder, 'log'), '-o', options, 'start')
  }

  async promote(): Promise<void> {
    await this.#control('promote')
  }

  /** From its next start it is a standby without a primary. */
  demote(): void {
    writeFileSync(join(this.#data, 'standby.signal'), '')
  }

  /** @param line of postgresql.conf */
  async set(line: string): Promise<void> {
    appendFileSync(join(this.#data, 'postgresql.conf'), `${line}\n`)
    await this.#control('reload')
  }

  /** Process IDs of a user's connections to a database, found without a query. */
  backends(database: string): number[] {
    const [postmaster = ''] = readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n', 1)
    const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', postmaster], { encoding: 'utf8' })
    return [...children.matchAll(/^\s*(\d+) postgres: lobbykey (\S+) /gm)]
      .filter(([, , name]) => name === database)
      .map(([, pid]) => Number(pid))
  }

  /** Stops every backend where it is, like hanging storage. Returns a function that resumes them. */
  freezeBackends(database: string): () => void {
    const frozen = this.backends(database)
    for (const pid of frozen) process.kill(pid, 'SIGSTOP')
    return () => {
      for (const pid of frozen) process.kill(pid, 'SIGCONT')
    }
  }

  /** Locks a table. Returns a function that releases it. */
  async lock(database: string, table: string): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString: this.urlOf(database) })
    await client.connect()
    await client.query(`begin; lock table ${table} in access exclusive mode`)
    return () => client.end()
  }

  /** @param mode `immediate`: like a power failure */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    if (existsSync(join(this.#data, 'postmaster.pid'))) await this.#control('-m', mode, 'stop')
  }

  async drop(): Promise<void> {
    await this.stop('immediate')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  static async #prepare(parent = tmpdir()): Promise<PostgresCluster> {
    const folder = mkdtempSync(join(parent, 'lobbykey-postgres-'))
    chmodSync(folder, 0o755)
    // PostgreSQL refuses to run as root.
    if (process.getuid?.() === 0) execFileSync('chown', ['postgres', folder])
    return new PostgresCluster(folder, await freePort())
  }

  /** This process continues meanwhile: it is often the one that queries the servers. */
  async #control(...words: string[]): Promise<void> {
    const [file, ...args] = asOwner(programOf('pg_ctl'), '-D', this.#data, '-w', ...words)
    await promisify(execFile)(file, args, { cwd: '/' })
  }

  #run(program: string, ...words: (string | { input?: string })[]): string {
    const args = words.filter((word) => typeof word === 'string')
    const options = words.find((word) => typeof word === 'object') ?? {}
    const [file, ...all] = asOwner(programOf(program), ...args)
    const output = execFileSync(file, all, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
      ...options,
    })
    return output ?? ''
  }
}

function programOf(name: string): string {
  return join(postgresPrograms() ?? '', name)
}

/** The command as the user postgres where this process is root, which PostgreSQL refuses to run as. */
export function asOwner(...command: readonly [string, ...string[]]): [string, ...string[]] {
  return process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', ...command] : [...command]
}
