import { DatabaseSync } from 'node:sqlite'
import { callersOf, type ReadFacts } from '../lib/admin-reads.ts'
import { findFreePort, residentMib, type Server } from '../lib/child.ts'
import { type Dialect, fillPlatform, memberId, platform, platformOf } from '../lib/large-platform.ts'
import { measureReads } from '../lib/measure-reads.ts'
import type { Row, RowContext, RowResult } from '../lib/row.ts'
import { buildServer, startGateway } from '../lib/servers.ts'
import { copyPostgres, copySqlite, lobbykey, postgresUrl, query } from '../lib/stores.ts'

const msMax = 50
const startMsMax = 1_000
const idleMibMax = 160
const operator = 'bench@example.com'
/** A small platform's store. */
const sqlitePart = 1 / 10

/** Every read operation of the admin API, asked as `admin-reads.ts` says in a store of a large platform. */
export const adminListsPostgres: Row = {
  name: 'admin-lists',
  title: "operators' reads in a large store, PostgreSQL",
  obstacle: () => (postgresUrl === null ? 'BENCH_DATABASE_URL or TEST_DATABASE_URL is not set' : null),
  async run(context) {
    const url = await copyPostgres()
    const now = await fill(context, 'postgres', context.largeRows, (statement) => query(url, statement))
    await query(url, 'vacuum (analyze)', 'checkpoint')
    return measure(context, url, context.largeRows, now)
  },
}

export const adminListsSqlite: Row = {
  name: 'admin-lists-sqlite',
  title: "operators' reads in a store a tenth as large, SQLite",
  async run(context) {
    const members = Math.ceil(context.largeRows * sqlitePart)
    const path = await copySqlite()
    const file = new DatabaseSync(path)
    const now = await fill(context, 'sqlite', members, (statement) => file.exec(statement))
    file.exec('pragma wal_checkpoint(truncate)')
    file.close()
    return measure(context, `sqlite:${path}`, members, now)
  },
}

/** @returns the time that the rows go by, ms */
async function fill({ say }: RowContext, dialect: Dialect, members: number, run: (statement: string) => unknown): Promise<number> {
  const now = Date.now()
  let before = ''
  for (const { what, statement } of fillPlatform(dialect, platformOf(members), now)) {
    if (what !== before) say(what)
    before = what
    await run(statement)
  }
  return now
}

async function measure({ say }: RowContext, url: string, members: number, now: number): Promise<RowResult> {
  const size = platformOf(members)
  await lobbykey(url, ['operator', 'add', operator, '--role', 'owner'])
  const tokens: Record<string, string> = {}
  for (const [caller, agentIds] of Object.entries(callersOf(size))) tokens[caller] = await addToken(url, caller, agentIds)
  const port = await findFreePort()
  const built = await buildServer()
  const server = await startGateway(url, { ADMIN_PORT: String(port), ADMIN_RATE_PER_CALLER: '100000' }, built.program)
  const idleMib = residentMib(server.pid)
  const origin = `http://127.0.0.1:${port}`
  const facts: ReadFacts = { ...size, now, ...(await makeFacts(server, origin, tokens.owner ?? '')) }
  const databaseUrl = url.startsWith('sqlite:') ? null : url
  const reads = await measureReads({ origin, facts, tokens, databaseUrl, msMax, say })
  await server.stop()
  built.remove()
  const slowest = reads.toSorted((one, other) => other.p99 - one.p99)
  const against = `${members.toLocaleString('en')} members`
  return {
    lines: [
      {
        title: `slowest of ${reads.length} reads, p99: ${slowest[0]?.name}`,
        against,
        value: slowest[0]?.p99 ?? 0,
        unit: 'ms',
        target: { bound: 'at most', value: msMax },
      },
      { title: 'start to ready', against, value: server.readyMs, unit: 'ms', target: { bound: 'at most', value: startMsMax } },
      { title: 'memory once ready', against, value: idleMib, unit: 'MiB', target: { bound: 'at most', value: idleMibMax } },
    ],
    figures: slowest.map(({ name, p50, p99 }) => ({ name, unit: 'ms, p50 and p99', values: [p50, p99] })),
    notes: [
      `${Object.entries(size)
        .map(([what, count]) => `${count.toLocaleString('en')} ${what}`)
        .join(', ')}; the built server; one call after another, as the caller sees them`,
      ...slowest.flatMap(({ name, statement }) => (statement === null ? [] : [`${name}: ${statement}`])),
    ],
  }
}

async function addToken(url: string, caller: string, agentIds: readonly string[] | null): Promise<string> {
  const held = agentIds === null ? [] : ['--merchant', agentIds.join(',')]
  const made = JSON.parse(await lobbykey(url, ['token', 'add', caller, '--for', operator, ...held, '--json'])) as { token: string }
  return made.token
}

/** What is known only once the server runs. */
async function makeFacts({ port }: Server, origin: string, token: string): Promise<Pick<ReadFacts, 'sessionId' | 'refusedRequestId'>> {
  const listed = await fetch(`${origin}/admin/api/v1/merchants/${platform.large}/sessions?limit=1`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const { items } = (await listed.json()) as { items: { sessionId: string }[] }
  const body = {
    agent_id: platform.large,
    user_id: memberId(1),
    token: 'x'.repeat(31),
    platform: 'h5',
    language: 'en-US',
    currency: 'VND2',
  }
  const refused = await fetch(`http://127.0.0.1:${port}/api/member/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, timestamp: Date.now(), sign: '0'.repeat(32) }),
  })
  const refusedRequestId = refused.headers.get('x-request-id') ?? ''
  // Traces are written after the answer.
  while (!(await fetch(`${origin}/admin/api/v1/traces/${refusedRequestId}`, { headers: { authorization: `Bearer ${token}` } })).ok) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { sessionId: items[0]?.sessionId ?? '', refusedRequestId }
}
