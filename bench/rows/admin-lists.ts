import { findFreePort } from '../lib/child.ts'
import { memberId } from '../lib/requests.ts'
import type { Row, RowContext } from '../lib/row.ts'
import { startGateway } from '../lib/servers.ts'
import { copyPostgres, lobbykey, memberIdSql, merchant, postgresUrl, query } from '../lib/stores.ts'

const pieceRows = 1_000_000
const readsOfOne = 300
const msMax = 50

/** For each million members: merchants, sellers, events. */
const beside = { merchants: 1 / 100, sellers: 1 / 10, events: 10 } as const

/** Every list of the operator plane, its first page and one near its end, in a store of a large installation; one call at a time. */
export const adminLists: Row = {
  name: 'admin-lists',
  title: "operators' lists in a large store, PostgreSQL",
  obstacle: () => (postgresUrl === null ? 'BENCH_DATABASE_URL or TEST_DATABASE_URL is not set' : null),
  async run(context) {
    const { largeRows, say } = context
    const url = await copyPostgres()
    await fill(url, context)
    await lobbykey(url, ['operator', 'add', 'bench@example.com', '--role', 'owner'])
    const made = JSON.parse(await lobbykey(url, ['token', 'add', 'bench', '--for', 'bench@example.com', '--json'])) as { token: string }
    const port = await findFreePort()
    await startGateway(url, { ADMIN_PORT: String(port) })
    const figures = []
    for (const [name, path] of Object.entries(reads(largeRows))) {
      const times = await timesOf(`http://127.0.0.1:${port}/admin/api/v1${path}`, made.token)
      say(`${name}: p50 ${times[Math.floor(times.length / 2)]?.toFixed(1)} ms, p99 ${p99(times).toFixed(1)} ms`)
      figures.push({ name, unit: 'ms, p99', values: [p99(times)] })
    }
    const slowest = figures.reduce((a, b) => ((a.values[0] ?? 0) > (b.values[0] ?? 0) ? a : b))
    return {
      lines: [
        {
          title: `slowest read of ${figures.length}, p99: ${slowest.name}`,
          against: `${largeRows.toLocaleString('en')} members`,
          value: slowest.values[0] ?? 0,
          unit: 'ms',
          target: { bound: 'at most', value: msMax },
        },
      ],
      figures,
      notes: [
        `${(largeRows * beside.merchants).toLocaleString('en')} merchants, ${(largeRows * beside.sellers).toLocaleString('en')} sellers, ${(largeRows * beside.events).toLocaleString('en')} events; ${readsOfOne} calls of each, one after another, as the caller sees them`,
      ],
    }
  },
}

function reads(members: number): Record<string, string> {
  // The server's own cursor format. API users get cursors from the previous page; here that would take ten thousand pages.
  const last = (key: string) => `cursor=${Buffer.from(JSON.stringify([key])).toString('base64url')}`
  const own = `/merchants/${merchant.agentId}`
  const middle = memberId(Math.floor(members / 2))
  return {
    'merchants, first page': '/merchants',
    'merchants, last page': `/merchants?${last('m9')}`,
    'merchants, by beginning': '/merchants?q=m00',
    'one merchant': own,
    'members, first page': `${own}/members`,
    'members, last page': `${own}/members?${last(memberId(members - 10))}`,
    'members, by beginning': `${own}/members?q=${middle.slice(0, -2)}`,
    'one member': `${own}/members/${middle}`,
    'sellers, first page': '/sellers',
    'sellers, last page': `/sellers?${last('z9')}`,
    'sellers, by beginning': '/sellers?q=bulk0001',
    'events, first page': '/events',
    'events, last page': `/events?${last(JSON.stringify([50]))}`,
    'events, of a merchant': `/events?agentId=${merchant.agentId}`,
    'events, of a kind': '/events?kind=merchant.added',
    'events, of a kind that is not there': '/events?kind=nosuch',
    'events, by actor': '/events?actor=cli:nobody@nowhere',
    services: '/services',
    status: '/status',
  }
}

/** Sorted, ms. */
async function timesOf(url: string, token: string): Promise<number[]> {
  const times: number[] = []
  for (let call = 0; call < readsOfOne; call++) {
    const began = performance.now()
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    const text = await answer.text()
    times.push(performance.now() - began)
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${text}`)
  }
  return times.sort((a, b) => a - b)
}

function p99(times: readonly number[]): number {
  return times[Math.floor(times.length * 0.99)] ?? 0
}

async function fill(url: string, { largeRows, say }: RowContext): Promise<void> {
  const merchants = Math.ceil(largeRows * beside.merchants)
  const sellers = Math.ceil(largeRows * beside.sellers)
  const events = Math.ceil(largeRows * beside.events)
  const id = `'m' || lpad(i::text, 8, '0')`
  await query(
    url,
    `insert into merchants (agent_id, status, settings, created_at, updated_at)
     select ${id}, status, settings, 0, 0 from merchants, generate_series(1, ${merchants}) i where agent_id = '${merchant.agentId}'`,
    `insert into sellers (id, email, password_hash, status, created_at, updated_at)
     select 'bulk' || i, 'bulk' || lpad(i::text, 8, '0') || '@example.com', (select password_hash from sellers limit 1), 'enabled', 0, 0 from generate_series(1, ${sellers}) i`,
  )
  say(`${merchants.toLocaleString('en')} merchants and ${sellers.toLocaleString('en')} sellers`)
  await inPieces('members', largeRows, (from, to) =>
    query(
      url,
      `insert into members select '${merchant.agentId}', ${memberIdSql.postgres('i')}, 'Player ' || i, '', 'Active', 0, 0 from generate_series(${from + 1}, ${to}) i on conflict do nothing`,
    ),
  )
  await inPieces('events', events, (from, to) =>
    query(
      url,
      `insert into events (at, kind, surface, agent_id, subject, actor, count)
       select ${Date.now()} - (${events} - i) * 1000, (array['member.created', 'member.locked', 'seller.logged_in', 'merchant.updated'])[1 + i % 4], 'admin-api',
         'm' || lpad((1 + i % ${merchants})::text, 8, '0'), 'subject' || i % 1000, 'token:' || i % 50, 1
       from generate_series(${from + 1}, ${to}) i`,
    ),
  )
  await query(url, 'vacuum (analyze)', 'checkpoint')

  async function inPieces(what: string, end: number, write: (from: number, to: number) => Promise<void>): Promise<void> {
    for (let from = 0; from < end; from += pieceRows) {
      const to = Math.min(end, from + pieceRows)
      await write(from, to)
      say(`${to.toLocaleString('en')} of ${end.toLocaleString('en')} ${what}`)
    }
  }
}
