import type { AdminOperation } from '@lobbykey/contract/admin'
import { adminBasePath, adminOperation } from '@lobbykey/contract/admin'
import pg from 'pg'
import { adminReads, callersOf, type Read, type ReadFacts } from './admin-reads.ts'

export interface MeasuredRead {
  /** Operation, what is read, and by whom. */
  readonly name: string
  /** As the caller sees it, ms. */
  readonly p50: number
  readonly p99: number
  /** The statement that ran longest, of one slower than the bound on PostgreSQL. */
  readonly statement: string | null
}

const callsOfOne = 100
/** One slower than this is not called as often. */
const secondsOfOne = 3

export interface MeasureOptions {
  /** Of the admin listener. */
  readonly origin: string
  readonly facts: ReadFacts
  /** By caller of `callersOf`. */
  readonly tokens: Readonly<Record<string, string>>
  /** The server's PostgreSQL; null for SQLite. */
  readonly databaseUrl: string | null
  readonly msMax: number
  /** Only operations with this in their name. */
  readonly only?: string | undefined
  readonly say: (line: string) => void
}

/** Calls every read, one call at a time. @throws Error for an answer other than 200, or 404 to callers held to merchants */
export async function measureReads({ origin, facts, tokens, databaseUrl, msMax, only = '', say }: MeasureOptions): Promise<MeasuredRead[]> {
  const measured: MeasuredRead[] = []
  for (const { name, what, input, isForAll } of adminReads(facts)) {
    if (!name.includes(only)) continue
    for (const [caller, agentIds] of Object.entries(callersOf(facts))) {
      if (!isForAll && agentIds !== null) continue
      // What a caller may not see is not found at once.
      if (agentIds !== null && typeof input.agentId === 'string' && !agentIds.includes(input.agentId)) continue
      const url = `${origin}${pathOf(adminOperation(name), input)}`
      const times = await timesOf(url, tokens[caller] ?? '', agentIds !== null)
      const [p50, p99] = [at(times, 0.5), at(times, 0.99)]
      const title = [name, what, ...(isForAll ? [caller] : [])].filter((part) => part !== '').join(', ')
      const statement =
        p99 > msMax && databaseUrl !== null
          ? await slowestStatement(databaseUrl, () => timesOf(url, tokens[caller] ?? '', agentIds !== null))
          : null
      say(`${title}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms${statement === null ? '' : `; ${statement}`}`)
      measured.push({ name: title, p50, p99, statement })
    }
  }
  return measured
}

function pathOf({ path }: AdminOperation, input: Read['input']): string {
  const query = new URLSearchParams(Object.entries(input).map(([field, value]) => [field, String(value)]))
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    query.delete(field)
    return encodeURIComponent(String(input[field]))
  })
  return `${adminBasePath}${filled}${query.size === 0 ? '' : `?${query}`}`
}

/** Sorted, ms. Callers held to merchants do not find what is of others. */
async function timesOf(url: string, token: string, isHeld: boolean): Promise<number[]> {
  const times: number[] = []
  const end = performance.now() + secondsOfOne * 1_000
  for (let call = 0; call < callsOfOne && (call < 3 || performance.now() < end); call++) {
    const began = performance.now()
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    const text = await answer.text()
    times.push(performance.now() - began)
    if (answer.status !== 200 && !(isHeld && answer.status === 404)) throw new Error(`${url}: ${answer.status} ${text}`)
  }
  return times.sort((a, b) => a - b)
}

function at(times: readonly number[], part: number): number {
  return times[Math.floor(times.length * part)] ?? 0
}

/** The statement that is seen running most often while the work is done. */
async function slowestStatement(databaseUrl: string, work: () => Promise<unknown>): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const seen = new Map<string, number>()
  let isDone = false
  const worked = work().finally(() => {
    isDone = true
  })
  while (!isDone) {
    const { rows } = await client.query<{ query: string }>(
      `select query from pg_stat_activity where datname = current_database() and state = 'active' and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    )
    for (const { query } of rows) seen.set(query, (seen.get(query) ?? 0) + 1)
  }
  await worked
  await client.end()
  const [[statement = 'no statement'] = []] = [...seen].sort(([, one], [, other]) => other - one)
  return statement
}
