/** Populated stores, upgraded from every level that a release ever had: nothing is lost, and everything still works. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { migrate } from '../../src/store/migrate.ts'
import { columnTypes } from '../../src/store/migrations/column-types.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { openStore, type SqlStore } from '../../src/store/open-store.ts'
import { type StoreKind, type TestDatabase, testStores } from '../support/stores.ts'
import { populated } from './populated-levels.ts'
import { sampleEvent, sampleLogin, start } from './samples.ts'

type Row = Record<string, unknown>

/** A populated store that grows by one migration and its rows at a time; each level is tested on a copy. */
class Ladder {
  readonly #kind: StoreKind
  #database: TestDatabase | undefined
  #next = 0

  constructor(kind: StoreKind) {
    this.#kind = kind
  }

  /** A populated store of the release with this last migration; levels are asked for in order. */
  async copyOf(level: number): Promise<TestDatabase> {
    this.#database ??= await this.#kind.createEmpty()
    const { url } = this.#database
    const store = await openStore({ url, poolSize: 1 })
    while (this.#next <= level) await climb(store, this.#next++)
    await store.close()
    return this.#kind.copy(url)
  }

  async drop(): Promise<void> {
    await this.#database?.drop()
  }
}

async function climb({ database }: SqlStore, level: number): Promise<void> {
  const { name, up } = migrations[level] ?? assert.fail()
  await database.exclusively(async (tx) => {
    await tx.schema
      .createTable('schema_migrations')
      .ifNotExists()
      .addColumn('name', columnTypes(database.dialect).text, (column) => column.primaryKey())
      .execute()
    await up(tx, database.dialect)
    await tx.insertInto('schema_migrations').values({ name }).execute()
    for (const statement of populated[name] ?? []) await statement.execute(tx)
  })
}

test('every migration has sample rows of its release', () => {
  assert.deepEqual(
    Object.keys(populated),
    migrations.map(({ name }) => name),
  )
})

for (const kind of testStores()) {
  const ladder = new Ladder(kind)
  after(() => ladder.drop())
  for (const level of migrations.keys()) {
    test(`[check 80] ${kind.name}: in use since ${migrations[level]?.name}, then upgraded`, async (t) => {
      const database = await ladder.copyOf(level)
      const store = await openStore({ url: database.url, poolSize: 2 })
      t.after(async () => {
        await store.close()
        await database.drop()
      })
      const before = await readAll(store)
      await migrate(store)
      assertKept(before, await readAll(store))
      await assertWorks(store, level)
    })
  }
}

async function readAll({ database }: SqlStore): Promise<Map<string, Row[]>> {
  return await database.run(async (db) => {
    const tables = (await db.introspection.getTables()).map(({ name }) => name).filter((name) => name !== 'schema_migrations')
    const rows = new Map<string, Row[]>()
    for (const name of tables) rows.set(name, (await sql<Row>`select * from ${sql.table(name)}`.execute(db)).rows)
    return rows
  })
}

/** Every old row is there, with every value whose column still exists. */
function assertKept(before: ReadonlyMap<string, readonly Row[]>, after: ReadonlyMap<string, readonly Row[]>): void {
  for (const [table, rows] of before) {
    assert.ok(rows.length > 0, `${table} is in use`)
    const now = after.get(table) ?? assert.fail(`${table} is gone`)
    const columns = Object.keys(rows[0] ?? {}).filter((column) => Object.hasOwn(now[0] ?? {}, column) && !recomputed.includes(column))
    const plain = (row: Row) => JSON.stringify(columns.map((column) => row[column]))
    assert.deepEqual(now.map(plain).toSorted(), rows.map(plain).toSorted(), table)
  }
}

/** Columns that a migration may recompute, because it defined them. */
const recomputed = ['epoch']

/** The program finds the old rows and continues from them. */
async function assertWorks(store: SqlStore, level: number): Promise<void> {
  const has = (name: string) => level >= migrations.findIndex((migration) => migration.name === name)
  const [acme, gone] = await store.merchants.load()
  assert.deepEqual(
    [acme?.status, acme?.settings.algorithm, acme?.settings.ratePerSecond, gone?.status],
    ['enabled', 'hmac-sha256', 20, 'disabled'],
  )
  assert.deepEqual(acme?.keys.map(({ id, sealed, retiredAt }) => [id, Buffer.from(sealed).toString(), retiredAt !== null]).toSorted(), [
    ['k1', 'sealed 1', true],
    ['k2', 'sealed 2', false],
  ])
  const members = await store.members.list('acme', { limit: 10 })
  assert.deepEqual(
    members.map(({ userId, status, desc }) => [userId, status, desc]),
    [
      ['active', 'Active', 'one'],
      ['locked', 'LockAll', 'three'],
      ['nobets', 'LockBet', ''],
    ],
  )
  const session = await store.memberSessions.find(Buffer.from('session of active'))
  assert.deepEqual(
    [session?.platform, session?.gameCode, session?.opaque, session?.endedAt],
    ['h5', '101', { callback: 'https://acme.example/back', limits: { 101: 'r1' }, custom_language: 'en' }, null],
  )
  assert.equal((await store.memberSessions.find(Buffer.from('session of locked')))?.endReason, 'lock')
  if (has('0020-member-sessions')) {
    const guest = await store.memberSessions.redeemTicket('acme', Buffer.from('ticket'), start + 1)
    assert.deepEqual([guest?.kind, guest?.userId, guest?.opaque.amount], ['guest', 'guest-1', '250.00'])
  }
  const login = (userId: string) => sampleLogin({ agentId: 'acme', userId, token: `after ${userId}` })
  assert.deepEqual(
    await store.memberSessions.login([login('active'), login('locked')].toSorted(byToken)),
    outcomes(login('active'), login('locked')),
  )
  assert.equal(
    await store.members.setStatus({ agentId: 'acme', userId: 'locked', status: 'Active', now: start }, null, sampleEvent()),
    'done',
  )

  const seller = await store.sellers.findByEmail('ops@acme.example')
  assert.deepEqual([seller?.id, seller?.passwordHash, seller?.needlessLogins], ['s1', '$argon2id$v=19$one', has('0050-passwords') ? 3 : 0])
  const attempt = { email: 'ops@acme.example', addressKey: 'known address', decoyFrom: '' }
  assert.equal((await store.sellers.findForLogin(attempt)).isKnownAddress, true)
  assert.equal((await store.sellerSessions.find('over'))?.endReason, 'logout')
  assert.deepEqual(
    (await store.sellerSessions.listRevoked(start)).map(({ sid }) => sid),
    ['over'],
  )
  assert.equal(await store.sellerSessions.end('live', 'logout', start, sampleEvent()), true)
  const keys = await store.signingKeys.list()
  assert.deepEqual(
    keys.map(({ kid, retiredAt, epoch }) => [kid, retiredAt, epoch]),
    [
      ['kid0', start, has('0011-signing-key-life') ? keys[0]?.epoch : 'kid0'],
      ['kid1', null, has('0011-signing-key-life') ? keys[1]?.epoch : 'kid0'],
    ],
  )
  assert.equal(Buffer.from((await store.meta.find('secret:one')) ?? []).toString(), 'value')
  assert.equal((await store.throttles.read(['account']))[0]?.failures, 4)
  const catalogue = await store.catalogue.load()
  assert.deepEqual([catalogue.games.length, catalogue.tables[0]?.instId, catalogue.limits[0]?.redId], [1, 'A', 'r1'])
  assert.equal((await store.events.list({ kind: 'member.locked', limit: 1 }))[0]?.subject, 'locked')
  assert.equal((await store.services.load()).length, has('0010-services') ? 1 : 0)
  assert.equal((await store.merchantClocks.load()).length, has('0030-traces') ? 1 : 0)
  const hours = { span: 'hour', since: start, until: start + 7_200_000, order: 'key', limit: 9 } as const
  assert.deepEqual(
    [
      await store.callCounts.group({ ...hours, by: ['merchant'] }),
      await store.callCounts.group({ ...hours, by: ['time'], agentIds: ['', 'acme'] }),
    ],
    has('0260-call-totals')
      ? [
          [
            { agentId: '', count: 5 },
            { agentId: 'acme', count: 15 },
          ],
          [
            { at: start, count: 15 },
            { at: start + 3_600_000, count: 5 },
          ],
        ]
      : [[], []],
  )
}

function byToken(left: { tokenHash: Uint8Array }, right: { tokenHash: Uint8Array }): number {
  return Buffer.compare(left.tokenHash, right.tokenHash)
}

function outcomes(...logins: ReturnType<typeof sampleLogin>[]): string[] {
  return logins.toSorted(byToken).map(({ userId }) => (userId === 'locked' ? 'member_locked' : 'accepted'))
}
