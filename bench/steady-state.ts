/**
 * `node bench/steady-state.ts`: member logins at a constant rate while equally many sessions and replay rows expire, on PostgreSQL with autovacuum
 * on. Sessions live a minute and requests are signed nine minutes ago, so that a day's turnover takes a minute or two. Shows whether rows are deleted
 * as fast as they are added, and whether tables, indexes and latency stay constant.
 *
 * node bench/steady-state.ts --rate 3000 --minutes 6
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { load } from './lib/load.ts'
import { describeMachine } from './lib/machine.ts'
import { memberLogins } from './lib/requests.ts'
import { startGateway } from './lib/servers.ts'
import { copyPostgres, dropDatabases, membersUsual, merchant, postgresUrl, query, select } from './lib/stores.ts'
import { resultsFolder } from './lib/workspace.ts'

const tables = ['member_sessions', 'signed_requests'] as const
const intervalSeconds = 30

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '3000' },
    minutes: { type: 'string', default: '6' },
    /** Statements to run on the fresh database, to try table settings. */
    sql: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
  },
})
const say = values.json ? console.error : console.log

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void dropDatabases().finally(() => process.exit(1)))
}

try {
  const report = { startedAt: new Date().toISOString(), machine: await describeMachine(), ...(await run()) }
  writeFileSync(join(resultsFolder, 'steady-state.json'), `${JSON.stringify(report, null, 2)}\n`)
  if (values.json) console.log(JSON.stringify(report))
} finally {
  await dropDatabases()
}

async function run() {
  if (postgresUrl === null) throw new Error('BENCH_DATABASE_URL or TEST_DATABASE_URL is not set')
  const [{ autovacuum }] = (await select(postgresUrl, 'show autovacuum')) as [{ autovacuum: string }]
  if (autovacuum !== 'on') throw new Error('autovacuum is off there: nothing would ever be used again')
  const url = await copyPostgres()
  await query(url, ...values.sql)
  const gateway = await startGateway(url, { MEMBER_SESSION_SECONDS: '60' })
  const perSecond = Number(values.rate)
  const intervals = []
  say('  time   logins/s     p50     p99   worst | rows (of them expired), size with indexes, dead rows, vacuums')
  for (let second = intervalSeconds; second <= Number(values.minutes) * 60; second += intervalSeconds) {
    const requests = memberLogins({ ...merchant, members: membersUsual, count: perSecond * intervalSeconds * 2, signedAgoMs: 540_000 })
    const result = await load({ port: gateway.port, seconds: intervalSeconds, connections: 64, use: 'once', requests, perSecond })
    const states = await Promise.all(tables.map((table) => stateOf(url, table)))
    intervals.push({ second, ...result, tables: states })
    const latency = [result.p50Ms, result.p99Ms, result.worstMs].map((ms) => `${ms.toFixed(1)} ms`.padStart(8)).join('')
    say(
      `${String(second).padStart(4)} s ${String(Math.round(result.perSecond)).padStart(10)} ${latency} | ${states.map(describe).join(' | ')}`,
    )
  }
  await gateway.stop()
  return { perSecond, sql: values.sql, intervals }
}

interface TableState {
  readonly table: string
  readonly rows: number
  readonly expired: number
  readonly dead: number
  readonly mib: number
  readonly vacuums: number
}

async function stateOf(url: string, table: (typeof tables)[number]): Promise<TableState> {
  const [state] = await select(
    url,
    `select count(*)::int as rows, count(*) filter (where expires_at <= extract(epoch from now()) * 1000)::int as expired,
       (select n_dead_tup::int from pg_stat_user_tables where relname = '${table}') as dead,
       (select autovacuum_count::int from pg_stat_user_tables where relname = '${table}') as vacuums,
       (select coalesce(sum(pg_total_relation_size(inhrelid)), 0) + pg_total_relation_size('${table}') from pg_inherits
        where inhparent = '${table}'::regclass)::float8 / 1048576 as mib
     from ${table}`,
  )
  return { table, ...(state as Omit<TableState, 'table'>) }
}

function describe({ table, rows, expired, dead, mib, vacuums }: TableState): string {
  return `${table} ${rows} (${expired}) ${mib.toFixed(0)} MiB ${dead} dead, ${vacuums} vac`
}
