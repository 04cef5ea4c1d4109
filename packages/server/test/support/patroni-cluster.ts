import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import pg from 'pg'
import { runHaproxy } from './haproxy.ts'
import { missingProgram } from './missing-program.ts'
import { asOwner, postgresPrograms } from './postgres-cluster.ts'
import { freePort } from './server-process.ts'
import { until } from './until.ts'

const names = ['one', 'two', 'three'] as const
export type Machine = (typeof names)[number]
/** The third only makes up the majority. */
const databases = ['one', 'two'] as const
const addressOf = (name: Machine) => `10.0.0.3${names.indexOf(name) + 1}`
const door = '127.0.0.1:5000'
const startMsMax = 180_000
/** Three machines that share one disk wait for each other's fsync, for seconds. What is killed here leaves its files behind either way. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/**
 * A PostgreSQL that fails over: the three machines and the HAProxy of deploy/postgres-ha, with ports of 127.0.0.1 in place of their addresses. Each
 * machine runs etcd; two of them also run Patroni with PostgreSQL.
 */
export class PatroniCluster {
  readonly #folder = mkdtempSync(join(memory, 'lobbykey-patroni-'))
  readonly #password = randomBytes(12).toString('hex')
  readonly #ports: ReadonlyMap<string, number>
  readonly #isSynchronous: boolean
  readonly #running = new Map<Machine, ChildProcess[]>()

  private constructor(ports: ReadonlyMap<string, number>, isSynchronous: boolean) {
    this.#ports = ports
    this.#isSynchronous = isSynchronous
  }

  /** Why there can be none here, or false. */
  static missing(): string | false {
    if (postgresPrograms() === null) return 'PostgreSQL is not installed'
    return missingProgram('patroni') || missingProgram('etcd') || missingProgram('haproxy')
  }

  static async start(t: TestContext, isSynchronous: boolean): Promise<PatroniCluster> {
    const places = names.flatMap((name) => [5432, 8008, 2379, 2380].map((port) => `${addressOf(name)}:${port}`))
    const ports = new Map<string, number>()
    for (const place of [door, ...places]) ports.set(place, await freePort())
    const cluster = new PatroniCluster(ports, isSynchronous)
    t.after(async () => {
      for (const name of names) await cluster.#stop(name)
      rmSync(cluster.#folder, { recursive: true, force: true })
    })
    for (const name of names) cluster.#prepare(name)
    for (const name of names) cluster.boot(name)
    await cluster.untilFollowed()
    // At its start HAProxy sends connections to both, in turn, until it has checked them.
    const isPrimary = async () => (await cluster.query('select pg_is_in_recovery() as is_standby'))[0]?.is_standby === false
    const isUp = async () => (await isPrimary()) && (await isPrimary())
    await runHaproxy(t, cluster.#put(shipped('haproxy.cfg')), () => isUp().catch(() => false))
    return cluster
  }

  /** Of the primary, through HAProxy. */
  urlOf(user: string, database: string): string {
    return `postgres://${user}:${this.#password}@127.0.0.1:${this.#portOf(door)}/${database}`
  }

  /** Of both PostgreSQL servers, without HAProxy. */
  directUrlOf(user: string, database: string): string {
    const hosts = databases.map((name) => `127.0.0.1:${this.#portOf(`${addressOf(name)}:5432`)}`)
    return `postgres://${user}:${this.#password}@${hosts.join(',')}/${database}`
  }

  /** As superuser, on the primary. */
  async query(statement: string): Promise<pg.QueryResultRow[]> {
    const client = new pg.Client({ connectionString: this.urlOf('postgres', 'postgres'), connectionTimeoutMillis: 5_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      return (await client.query(statement)).rows
    } finally {
      await client.end().catch(() => {})
    }
  }

  /** As docs/operations.md creates them. */
  async addDatabase(name: string): Promise<void> {
    await this.query(`create role ${name} login password '${this.#password}'`)
    await this.query(`create database ${name} owner ${name}`)
  }

  async primary(): Promise<Machine | null> {
    for (const name of databases) if (await this.#isIt(name, 'primary')) return name
    return null
  }

  /** There is a primary, and a standby that may take over from it. */
  async untilFollowed(): Promise<void> {
    const isFollowed = async () => {
      const primary = await this.primary()
      const standby = databases.find((name) => name !== primary)
      return primary !== null && standby !== undefined && this.#isIt(standby, this.#isSynchronous ? 'sync' : 'replica?lag=0')
    }
    await until(isFollowed, () => `a primary with its standby:\n${this.#logs()}`, startMsMax)
  }

  /** Like `patronictl switchover`. Resolves when the other one is the primary. */
  async switchOver(): Promise<void> {
    const leader = await this.primary()
    const candidate = databases.find((name) => name !== leader)
    const answer = await fetch(`${this.#restOf(leader ?? 'one')}/switchover`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`patroni:${this.#password}`).toString('base64')}` },
      body: JSON.stringify({ leader, candidate }),
    })
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(`switchover: ${answer.status} ${text}\n${this.#logs()}`)
  }

  /** Starts a machine's programs, as its boot does. */
  boot(name: Machine): void {
    const started = [this.#run(name, 'etcd', [], 'etcd.env')]
    if (name !== 'three') started.push(this.#run(name, 'patroni', [join(this.#homeOf(name), 'patroni.yml')], 'patroni.env'))
    this.#running.set(name, started)
  }

  /** Like a power failure: all its processes are gone at once. */
  async kill(name: Machine): Promise<void> {
    const postgres = this.#postgresOf(name)
    const exits = this.#end(name)
    for (const pid of postgres) signal(pid, 'SIGKILL')
    await exits
  }

  /** Stops all its processes where they are. */
  freeze(name: Machine): void {
    for (const pid of this.#allOf(name)) signal(pid, 'SIGSTOP')
  }

  wake(name: Machine): void {
    for (const pid of this.#allOf(name)) signal(pid, 'SIGCONT')
  }

  /** Without leaving anything in shared memory. */
  async #stop(name: Machine): Promise<void> {
    const [postmaster] = this.#postgresOf(name)
    this.wake(name)
    // Before PostgreSQL, which Patroni would start again.
    await this.#end(name)
    if (postmaster === undefined) return
    signal(postmaster, 'SIGQUIT')
    await until(
      () => this.#postgresOf(name).length === 0,
      () => `PostgreSQL ${postmaster} to end`,
    )
  }

  async #end(name: Machine): Promise<void> {
    const processes = (this.#running.get(name) ?? []).filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    this.#running.delete(name)
    const exits = processes.map((child) => once(child, 'exit'))
    for (const child of processes) child.kill('SIGKILL')
    await Promise.all(exits)
  }

  /** PostgreSQL's processes on this machine: Patroni starts them apart from itself. */
  #postgresOf(name: Machine): number[] {
    const file = join(this.#homeOf(name), 'data/postmaster.pid')
    if (!existsSync(file)) return []
    const [postmaster = ''] = readFileSync(file, 'utf8').split('\n', 1)
    const listed = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    const processes = [...listed.matchAll(/^ *(\d+) +(\d+) (.*)$/gm)]
    // The file of one that was killed stays, and its number may be another's by now.
    const isOurs = processes.some(([, pid, , args = '']) => pid === postmaster && args.includes(this.#homeOf(name)))
    if (!isOurs) return []
    return [postmaster, ...processes.filter(([, , parent]) => parent === postmaster).map(([, pid = '']) => pid)].map(Number)
  }

  #allOf(name: Machine): number[] {
    return [...(this.#running.get(name) ?? []).flatMap(({ pid }) => pid ?? []), ...this.#postgresOf(name)]
  }

  #prepare(name: Machine): void {
    const home = this.#homeOf(name)
    mkdirSync(home)
    const configuration = this.#put(shipped('patroni.yml'))
      .replace('/var/run/postgresql', home)
      .replace('synchronous_mode: true', `synchronous_mode: ${this.#isSynchronous}`)
    writeFileSync(join(home, 'patroni.yml'), configuration)
    if (process.getuid?.() === 0) execFileSync('chown', ['-R', 'postgres', this.#folder])
  }

  #run(name: Machine, program: string, args: readonly string[], file: string): ChildProcess {
    const log = openSync(join(this.#homeOf(name), 'log'), 'a')
    const [command, ...words] = asOwner(program, ...args)
    const env = { PATH: process.env.PATH, LANG: 'C.UTF-8', ...this.#environmentOf(name, file) }
    const child = spawn(command, words, { cwd: '/', env, stdio: ['ignore', log, log] })
    closeSync(log)
    return child
  }

  /** The file of machine one as that of this machine. */
  #environmentOf(name: Machine, file: string): Record<string, string> {
    const home = this.#homeOf(name)
    const entries = [...shipped(file).matchAll(/^(\w+)=(.*)$/gm)].map(([, variable = '', value = '']): [string, string] => {
      const isList = value.includes(',')
      return [variable, isList ? value : value.replaceAll(addressOf('one'), addressOf(name)).replace(/^one$/, name)]
    })
    return Object.fromEntries(
      entries.map(([variable, value]) => {
        if (variable.endsWith('_PASSWORD')) return [variable, this.#password]
        if (variable.endsWith('_BIN_DIR')) return [variable, postgresPrograms() ?? '']
        return [variable, this.#put(value.replace(/^\/var\/lib\/\w+\/.*?(\w+)$/, `${home}/$1`))]
      }),
    )
  }

  /** Ports of 127.0.0.1 in place of addresses. */
  #put(text: string): string {
    let put = text.replaceAll('10.0.0.0/24', '127.0.0.1/32')
    for (const name of databases) {
      const address = addressOf(name)
      put = put.replace(`${address}:5432 check port 8008`, `${address}:5432 check port ${this.#portOf(`${address}:8008`)}`)
    }
    for (const [place, port] of this.#ports) put = put.replaceAll(place, `127.0.0.1:${port}`)
    return put
  }

  async #isIt(name: Machine, what: string): Promise<boolean> {
    try {
      const answer = await fetch(`${this.#restOf(name)}/${what}`, { method: 'HEAD', signal: AbortSignal.timeout(2_000) })
      return answer.status === 200
    } catch {
      return false
    }
  }

  #homeOf(name: Machine): string {
    return join(this.#folder, name)
  }

  #portOf(place: string): number {
    return this.#ports.get(place) ?? 0
  }

  #restOf(name: Machine): string {
    return `http://127.0.0.1:${this.#portOf(`${addressOf(name)}:8008`)}`
  }

  #logs(): string {
    return names.map((name) => `${name}: ${readFileSync(join(this.#homeOf(name), 'log'), 'utf8').slice(-2_000)}`).join('\n\n')
  }
}

function shipped(name: string): string {
  return readFileSync(new URL(`../../../../deploy/postgres-ha/${name}`, import.meta.url), 'utf8')
}

/** Unless it has just ended. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
