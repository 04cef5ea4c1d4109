/** What a server spends on its requests, counted rather than timed: it hardly changes with what else the machine does. */
import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import type { Figure } from './row.ts'

export interface MeasuredServer {
  readonly pid: number
  /** Its PostgreSQL database, which nobody else uses; absent for a server without one. */
  readonly databaseUrl?: string
}

/** Units by name, for one request: times by the scheduler's count (Linux). */
const units = {
  'main thread': 'µs',
  'other threads': 'µs',
  "PostgreSQL's backends": 'µs',
  'load generator': 'µs',
  'bytes of WAL': 'bytes',
  transactions: '',
} as const

export type Cost = keyof typeof units

type Spent = Readonly<Record<Cost, number>>

/** Reads what one server has spent so far. Others must not use the PostgreSQL server meanwhile: they share its log. */
export class CostMeter {
  readonly #server: MeasuredServer
  readonly #database: pg.Client | null
  #backends: readonly number[] = []

  private constructor(server: MeasuredServer, database: pg.Client | null) {
    this.#server = server
    this.#database = database
  }

  static async open(server: MeasuredServer): Promise<CostMeter> {
    const { databaseUrl } = server
    if (databaseUrl === undefined || databaseUrl.startsWith('sqlite:')) return new CostMeter(server, null)
    const database = new pg.Client({ connectionString: databaseUrl })
    await database.connect()
    return new CostMeter(server, database)
  }

  async close(): Promise<void> {
    await this.#database?.end()
  }

  async read(): Promise<Spent> {
    const log = await this.#readLog()
    const { pid } = this.#server
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => [thread, processorTime(`/proc/${pid}/task/${thread}`)] as const)
    const main = threads.find(([thread]) => thread === String(pid))?.[1] ?? 0
    return {
      'main thread': main,
      'other threads': threads.reduce((sum, [, time]) => sum + time, 0) - main,
      "PostgreSQL's backends": this.#backends.reduce((sum, backend) => sum + processorTime(`/proc/${backend}`), 0),
      'load generator': childrenTime(),
      ...log,
    }
  }

  async #readLog(): Promise<Pick<Spent, 'bytes of WAL' | 'transactions'>> {
    if (this.#database === null) return { 'bytes of WAL': 0, transactions: 0 }
    const { rows } = await this.#database.query<{ bytes: number; transactions: number; backends: number[] }>(`
      select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as bytes,
        (select xact_commit::float8 from pg_stat_database where datname = current_database()) as transactions,
        array(select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
          and backend_type = 'client backend') as backends`)
    const [row] = rows
    this.#backends = row?.backends ?? []
    return { 'bytes of WAL': row?.bytes ?? 0, transactions: row?.transactions ?? 0 }
  }
}

/** Costs of one server's requests, by round. */
export class Costs {
  readonly #name: string
  readonly #rounds: Spent[] = []

  constructor(name: string) {
    this.#name = name
  }

  add(before: Spent, after: Spent, requests: number): void {
    const byRequest = (name: Cost) => [name, (after[name] - before[name]) / requests] as const
    this.#rounds.push(Object.fromEntries((Object.keys(units) as Cost[]).map(byRequest)) as Spent)
  }

  /** Of one request, by round. */
  of(cost: Cost): readonly number[] {
    return this.#rounds.map((round) => round[cost])
  }

  get figures(): readonly Figure[] {
    return Object.entries(units)
      .map(([cost, unit]) => ({ name: `${this.#name}: ${cost}`, unit: `${unit} a request`.trim(), values: this.of(cost as Cost) }))
      .filter(({ values }) => values.some((value) => value > 0))
  }
}

/** Of a process or thread, µs. */
function processorTime(folder: string): number {
  try {
    // The first number, in nanoseconds.
    return Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ', 1)[0]) / 1_000
  } catch {
    // It has ended.
    return 0
  }
}

/** Of this process's ended children, such as load generators, µs. The kernel counts it in hundredths of a second. */
function childrenTime(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[13]) + Number(fields[14])) * 10_000
}
