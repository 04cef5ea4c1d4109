/**
 * `npm run bench`: Lobbykey beside bare servers and peers on this machine, in one run. See README.md.
 *
 * npm run bench -- --only member-postgres --seconds 2
 */
import { parseArgs } from 'node:util'
import { compareWithBudget } from './lib/budget.ts'
import { describeMachine } from './lib/machine.ts'
import { type Report, toTable, writeReport } from './lib/report.ts'
import { isReached, type Row, type RowContext } from './lib/row.ts'
import { dropDatabases } from './lib/stores.ts'
import { adminListsPostgres, adminListsSqlite } from './rows/admin-lists.ts'
import { bearerCheck } from './rows/bearer-check.ts'
import { clients } from './rows/clients.ts'
import { isolation } from './rows/isolation.ts'
import { largeStore } from './rows/large-store.ts'
import { memberLoginMetrics, memberLoginPostgres, memberLoginRedis, memberLoginSqlite } from './rows/member-login.ts'
import { refresh } from './rows/refresh.ts'
import { sellerLogin } from './rows/seller-login.ts'
import { sessionCheck } from './rows/session-check.ts'
import { start } from './rows/start.ts'

const rows: readonly Row[] = [
  memberLoginPostgres,
  memberLoginSqlite,
  memberLoginRedis,
  memberLoginMetrics,
  sellerLogin,
  bearerCheck,
  sessionCheck,
  refresh,
  clients,
  isolation,
  start,
  largeStore,
  adminListsPostgres,
  adminListsSqlite,
]

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '9' },
    rows: { type: 'string', default: '0' },
    budget: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const usage = `npm run bench -- [options]

  --only ROW      this row only; may be given again: ${rows.map(({ name }) => name).join(', ')}
  --seconds N     length of one round of load (2)
  --rounds N      rounds of each comparison (9)
  --rows N        also the large stores on PostgreSQL: N members and 5 N sessions; N members and 10 N events for operators' lists
  --budget        fail if a request costs over a tenth more than budget.json allows
  --json          the report as JSON on standard output, progress on standard error
`

process.on('SIGINT', () => void stop('interrupted'))
process.on('SIGTERM', () => void stop('terminated'))

if (values.help) console.log(usage)
else await main().catch((error: unknown) => stop(error))

async function main(): Promise<void> {
  const unknown = (values.only ?? []).find((name) => !rows.some((row) => row.name === name))
  if (unknown !== undefined) throw new Error(`there is no row ${unknown}\n\n${usage}`)
  const started = new Date()
  const chosen = rows.filter(
    ({ name }) =>
      values.only?.includes(name) ??
      (![largeStore, adminListsPostgres, adminListsSqlite].some((large) => large.name === name) || Number(values.rows) > 0),
  )
  const done: Report['rows'][number][] = []
  const skipped: Report['skipped'][number][] = []
  for (const [index, row] of chosen.entries()) {
    const prefix = `[${index + 1}/${chosen.length}] ${row.title}`
    const reason = row.obstacle?.() ?? null
    if (reason !== null) {
      skipped.push({ name: row.name, reason })
      say(`${prefix}: skipped, ${reason}`)
      continue
    }
    say(`${prefix}: preparing`)
    const result = await row.run(contextOf(prefix))
    done.push({ name: row.name, title: row.title, ...result })
  }
  await dropDatabases()
  const minutes = (Date.now() - started.getTime()) / 60_000
  const report: Report = { startedAt: started.toISOString(), minutes, machine: await describeMachine(), rows: done, skipped }
  const paths = writeReport(report, values.only === undefined)
  if (values.json) console.log(JSON.stringify(report))
  say('')
  for (const [name, value] of Object.entries(report.machine)) say(`${name}: ${value}`)
  say(`\n${toTable(done)}\n`)
  const missed = done.flatMap(({ lines }) => lines).filter((line) => !isReached(line)).length
  say(missed === 0 ? 'Every target is reached.' : `${missed} of the targets are missed.`)
  say(`Written: ${paths.join(', ')}`)
  if (values.budget) {
    const { lines, overCount } = compareWithBudget(done)
    for (const line of lines) say(line)
    if (overCount > 0) process.exitCode = 1
  }
}

function contextOf(prefix: string): RowContext {
  return {
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
    largeRows: Number(values.rows),
    say: (line) => say(`${prefix}: ${line}`),
  }
}

function say(line: string): void {
  if (values.json) console.error(line)
  else console.log(line)
}

/** Children end with this process; databases have to be dropped first. */
async function stop(reason: unknown): Promise<void> {
  console.error(reason)
  await dropDatabases().catch(console.error)
  process.exit(1)
}
