import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { GatewayError } from '@lobbykey/contract'
import pg from 'pg'
import { adminReads, callersOf } from '../../../../bench/lib/admin-reads.ts'
import { fillPlatform, platform, platformOf } from '../../../../bench/lib/large-platform.ts'
import { sharedAs } from '../../src/core/base/clock.ts'
import { claimMasterKey } from '../../src/core/base/master-key-check.ts'
import { rightsOf } from '../../src/operations/caller.ts'
import { Operations } from '../../src/operations/index.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { eachStore, type Subject } from '../support/stores.ts'
import { sampleEvent, sampleKey, sampleMerchant } from './samples.ts'

const size = platformOf(10_000)
/** What one statement may look at: far fewer than there are events, refusals, members or sellers. */
const examinedMax = 6_000
/** Traces of each of several merchants, in a search by what no index has. */
const tracesMax = 500
/** Tables that grow with the platform or its traffic. */
const large = [
  'events',
  'refusals',
  'members',
  'member_sessions',
  'sellers',
  'seller_sessions',
  'traces',
  'stranger_traces',
  'throttles',
  'console_sessions',
  'call_counts',
  'call_days',
  'merchant_days',
]

/** These add up rows of a period, or of all sessions of a merchant. */
const sums = [
  'call-count.list, eight days of a merchant by the minute',
  'call-count.top, eight days of a merchant by the minute',
  'call-origin.list',
  'member-session.count',
  'member-session.summary',
  'member-session.summaries',
]

interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

eachStore('reads of operators in a large store', (subject) => {
  test('each is answered from an index, whatever it is filtered by', { timeout: 180_000 }, async () => {
    const clock = new ManualClock()
    await fill(subject, clock.now())
    const operations = await operationsOf(subject, clock)
    const [session] = await subject.store.memberSessions.listOnline(platform.large, { now: clock.now(), limit: 1 })
    assert.ok(session !== undefined)
    const sessionId = `${Buffer.from(session.tokenHash).toString('hex')}-${session.createdAt.toString(36)}`
    const faults: string[] = []
    let count = 0
    const explain = subject.kind.name === 'postgres' ? await postgresExplainer(subject.url) : sqliteExplainer(subject.url)
    for (const { name, what, input, isForAll } of adminReads({
      ...size,
      now: clock.now(),
      sessionId,
      refusedRequestId: `traces${size.traces}`,
    })) {
      if (sums.includes(name) || sums.includes(`${name}, ${what}`)) continue
      for (const [who, agentIds] of Object.entries(callersOf(size))) {
        if (agentIds !== null && !(isForAll && (input.agentId === undefined || agentIds.includes(String(input.agentId))))) continue
        const caller = { ...owner, agentIds }
        const statements = await recorded(subject, () => operations.run(name, input as never, caller).catch(ignoreMissing))
        for (const statement of statements) {
          count++
          const max = name === 'trace.list' ? Math.max(examinedMax, tracesMax * (agentIds?.length ?? 0)) : examinedMax
          const fault = await explain.faultOf(statement, max)
          if (fault !== null) faults.push(`${name}, ${what}, ${who}: ${fault} in ${statement.text}`)
        }
      }
    }
    await explain.close()
    assert.deepEqual(faults, [])
    assert.ok(count > 50, `${count} statements`)
  })
})

const owner = {
  origin: { surface: 'cli' as const },
  rights: rightsOf('owner'),
  isConfirmed: true,
  operatorId: 'o00000001',
  sessionId: null,
  signInMethod: null,
  confirmedUntil: null,
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof GatewayError) || !['not_found', 'merchant_not_found'].includes(error.key)) throw error
}

async function operationsOf({ store }: Subject, clock: ManualClock): Promise<Operations> {
  const sealer = await claimMasterKey(store.meta, randomBytes(32))
  return new Operations({
    store,
    clock,
    shared: sharedAs(clock),
    sealer: async () => sealer,
    explain: () => Promise.reject(new Error('not asked')),
    publishedKeys: [],
    publicUrl: async () => 'http://localhost',
    settings: {
      tokenKeyBits: 2_048,
      argon2MemoryKib: 8,
      argon2Passes: 1,
      loginBackoffAfter: 5,
      loginLockAfter: 100,
      loginFailuresPerAddressMinute: 60,
      lobbyPage: false,
      ratePerMerchant: 0,
      keyPublishSeconds: 600,
      keyRotationDays: 0,
      adminUrl: 'http://localhost',
    },
  })
}

async function fill({ kind, url, store }: Subject, now: number): Promise<void> {
  await store.merchants.add(sampleMerchant(platform.large), sampleKey(platform.large), sampleEvent())
  if (kind.name === 'postgres') {
    const client = new pg.Client(url)
    await client.connect()
    for (const { statement } of fillPlatform('postgres', size, now)) await client.query(statement)
    await client.query('vacuum (analyze)')
    await client.end()
    return
  }
  const file = new DatabaseSync(pathOf(url))
  file.exec('pragma synchronous = off; pragma cache_size = -200000')
  for (const { statement } of fillPlatform('sqlite', size, now)) file.exec(statement)
  file.close()
}

function pathOf(url: string): string {
  return url.replace(/^sqlite:/, '')
}

/** What the store asks of its driver while the work is done. */
async function recorded({ kind }: Subject, work: () => Promise<unknown>): Promise<Statement[]> {
  const statements: Statement[] = []
  const note = (text: unknown, values: unknown) => {
    if (typeof text === 'string' && /^(?:select|with)\b(?!.*\b(?:insert|update|delete)\b)/i.test(text))
      statements.push({ text, values: (values ?? []) as unknown[] })
  }
  if (kind.name === 'postgres') {
    const { query } = pg.Client.prototype
    pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
      const [first, values] = given as [string | { text?: string; values?: unknown[] }, unknown[]?]
      if (typeof first === 'string') note(first, values)
      else note(first.text, first.values ?? values)
      return Reflect.apply(query, this, given)
    } as typeof query
    await work().finally(() => {
      pg.Client.prototype.query = query
    })
  } else {
    const { prepare } = DatabaseSync.prototype
    DatabaseSync.prototype.prepare = function (this: DatabaseSync, ...given: Parameters<typeof prepare>) {
      note(given[0], [])
      return Reflect.apply(prepare, this, given)
    }
    await work().finally(() => {
      DatabaseSync.prototype.prepare = prepare
    })
  }
  return statements
}

interface Explainer {
  /** What is wrong with the statement's plan; null: nothing. */
  faultOf(statement: Statement, examinedMax: number): Promise<string | null>
  close(): Promise<void>
}

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly PlanNode[]
}

/** Runs the statement and counts the rows that it looks at. */
async function postgresExplainer(url: string): Promise<Explainer> {
  const client = new pg.Client(url)
  await client.connect()
  const examined = (node: PlanNode): number => {
    const own = large.includes(node['Relation Name'] ?? '')
      ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
      : 0
    return (node.Plans ?? []).reduce((sum, plan) => sum + examined(plan), own)
  }
  return {
    async faultOf({ text, values }, examinedMax) {
      const { rows } = await client.query(`explain (analyze, timing off, format json) ${text}`, [...values])
      const count = examined(rows[0]['QUERY PLAN'][0].Plan)
      return count <= examinedMax ? null : `looks at ${count} rows`
    },
    close: () => client.end(),
  }
}

/** Reads the plan: no large table is read from its start, nor in the order of its rows where an index of a filter should lead. */
function sqliteExplainer(url: string): Explainer {
  const file = new DatabaseSync(pathOf(url))
  const tables = large.join('|')
  const isScan = new RegExp(`^SCAN (?:${tables})$`)
  const isByRow = new RegExp(`^SEARCH (?:${tables}) USING INTEGER PRIMARY KEY \\(rowid[<>]`)
  return {
    async faultOf({ text }) {
      const plan = file.prepare(`explain query plan ${text}`).all()
      const isFiltered = /"(?!ended_at|expires_at)\w+" (?:=|in) /.test(text)
      const isFault = (detail: string) => isScan.test(detail) || (isFiltered && isByRow.test(detail))
      return plan.map(({ detail }) => String(detail)).find(isFault) ?? null
    },
    close: async () => file.close(),
  }
}
