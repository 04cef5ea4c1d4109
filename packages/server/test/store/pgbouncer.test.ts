import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { memberLogin } from '@lobbykey/contract'
import { sql } from 'kysely'
import { copyStore } from '../../src/store/copy/copy-store.ts'
import { migrate } from '../../src/store/migrate.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { openStore, type SqlStore } from '../../src/store/open-store.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { missingProgram } from '../support/missing-program.ts'
import { PgBouncer } from '../support/pgbouncer.ts'
import { loginTokens, logout, me, refresh, tokensOf } from '../support/seller-calls.ts'
import { loginBody, signed } from '../support/signed-body.ts'
import { type StoreKind, type TestDatabase, testStores } from '../support/stores.ts'
import { addMerchant, addSeller, sampleLogin, sampleSellerSession, start } from './samples.ts'

const kind = testStores().find(({ name }) => name === 'postgres')
const skip = kind === undefined ? 'TEST_DATABASE_URL is not set' : missingProgram('pgbouncer')

describe('PostgreSQL behind PgBouncer in transaction mode', { skip }, () => {
  let database: TestDatabase
  let pgBouncer: PgBouncer
  const opened: SqlStore[] = []
  /** A process with more connections than PgBouncer has to the database. */
  const open = async (options: { connectMsMax?: number } = {}): Promise<SqlStore> => {
    const store = await openStore({ url: pgBouncer.url, poolSize: 4, preparedStatements: false, ...options })
    opened.push(store)
    return store
  }

  before(async () => {
    assert.ok(kind)
    database = await kind.createEmpty()
    pgBouncer = await PgBouncer.start(database.url)
  })

  after(async () => {
    for (const store of opened) await store.close()
    await pgBouncer?.stop()
    await database?.drop()
  })

  test('nodes that start together migrate once', async () => {
    const stores = [await open(), await open(), await open()]
    const applied = await Promise.all(stores.map((store) => migrate(store)))
    assert.deepEqual(
      applied.flatMap((one) => one.applied),
      migrations.map(({ name }) => name),
    )
    assert.deepEqual(await stores[0]?.durabilityProblems(), [])
  })

  test('work under the exclusive lock waits for a place in PgBouncer longer than a caller would', async () => {
    const [busy, impatient] = [await open(), await open({ connectMsMax: 100 })]
    const held = Promise.withResolvers<void>()
    const hold = async () => {
      const begun = Promise.withResolvers<void>()
      const ended = busy.database.transaction(async (tx) => {
        await sql`select 1`.execute(tx)
        begun.resolve()
        await held.promise
      })
      await begun.promise
      return { ended }
    }
    const holders = [await hold(), await hold()]
    const migrated = impatient.database.exclusively((tx) => sql`select 1`.execute(tx))
    await Promise.race([migrated, delay(300)])
    held.resolve()
    await Promise.all([migrated, ...holders.map(({ ended }) => ended)])
  })

  test('both logins, refresh, revocation seen by another node, and a sweep', async () => {
    const behind: StoreKind = { ...(kind as StoreKind), create: async () => ({ url: pgBouncer.url, drop: async () => {} }) }
    const gateway = await startTestGateway({ storeKind: behind, settings: { databasePreparedStatements: false } })
    const other: TestGateway = await gateway.openSecondNode()
    const sent = signed(loginBody(gateway.clock.now()))
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? gateway : other).post(memberLogin.path, sent)))
    assert.deepEqual(new Set(answers.map(({ json }) => (json as { code: number }).code)), new Set([200]))
    const { accessToken, refreshToken } = await loginTokens(gateway)
    const next = tokensOf(await refresh(other, refreshToken))
    assert.equal((await me(other, accessToken)).status, 200)
    await logout(gateway, next.accessToken)
    await other.hearChanges()
    assert.equal((await me(other, next.accessToken)).status, 401)
    assert.ok((await gateway.store.sweep(gateway.clock.now() + 90_000_000, 1_000)) > 0)
    await other.close()
    await gateway.close()
  })

  test('many batches of two processes at once, with the same login in all of them: one session each [check 33]', async () => {
    const nodes = [await open(), await open()]
    const agentId = await addMerchant(nodes[0] as SqlStore, 'uid001')
    const same = sampleLogin({ agentId, userId: 'uid001', token: 'same', signature: 'same' })
    const batches = Array.from({ length: 40 }, (_, number) => [same, sampleLogin({ agentId, userId: 'uid001', token: `own${number}` })])
    const outcomes = await Promise.all(batches.map((batch, number) => (nodes[number % 2] as SqlStore).memberSessions.login(batch)))
    assert.deepEqual(new Set(outcomes.map(([, own]) => own)), new Set(['accepted']))
    const sames = outcomes.map(([outcome]) => outcome)
    assert.equal(sames.filter((outcome) => outcome === 'accepted').length, 1)
    assert.ok(sames.every((outcome) => outcome !== 'refused'))
    assert.equal((await nodes[0]?.memberSessions.listLive(agentId, 'uid001', start))?.length, 41)
  })

  test('rotations of one refresh token on two processes: one successor [check 18]', async () => {
    const nodes = [await open(), await open()]
    const session = sampleSellerSession((await addSeller(nodes[0] as SqlStore)).id)
    await nodes[0]?.sellerSessions.create(session, null)
    const rotation = {
      sid: session.sid,
      presentedHash: session.refreshHash,
      successorHash: Buffer.from('successor'),
      now: start + 1,
      issuedAt: start,
      kid: 'kid1',
      idleExpiresAt: start + 1_000,
      accessExpiresAt: start + 1_000,
    }
    const outcomes = await Promise.all(
      Array.from({ length: 32 }, (_, number) => (nodes[number % 2] as SqlStore).sellerSessions.rotate([rotation])),
    )
    assert.deepEqual(
      outcomes.flat().filter((outcome) => outcome !== null),
      [session.absoluteExpiresAt],
    )
  })

  test('a store is copied through it', async () => {
    const target = await (kind as StoreKind).createEmpty()
    const store = await openStore({ url: target.url, poolSize: 2 })
    const { tables } = await copyStore({ source: await open(), target: store })
    assert.ok(tables.some(({ name, rows }) => name === 'members' && rows > 0))
    await store.close()
    await target.drop()
  })
})
