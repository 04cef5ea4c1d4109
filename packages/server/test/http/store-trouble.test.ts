import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { memberLogin } from '@lobbykey/contract'
import { sql } from 'kysely'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { sqliteFileOf } from '../../src/store/database-url.ts'
import { openStore, type SqlStore } from '../../src/store/open-store.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { loginBody, signed } from '../support/signed-body.ts'
import { type StoreKind, testStores } from '../support/stores.ts'

for (const kind of testStores()) {
  describe(`a failing store (${kind.name})`, () => {
    let gateway: TestGateway
    const readyStatus = async () => (await gateway.request('GET', '/readyz')).status
    const sellerLogin = () =>
      gateway.post('/merchant-api/seller/auth/login', { email: sampleSeller.email, password: sampleSeller.password })
    const memberLogins = (count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, n) =>
          gateway.post(memberLogin.path, signed(loginBody(gateway.clock.now(), { token: `token_of_round_${n}` }))),
        ),
      )
    const isServed = async () => {
      assert.equal((await sellerLogin()).status, 200)
      for (const { json } of await memberLogins(3)) assert.equal((json as { code: number }).code, 200)
      gateway.clock.advance(5_000)
      assert.equal(await readyStatus(), 200)
    }

    before(async () => {
      gateway = await startTestGateway({ storeKind: kind })
    })
    after(() => gateway.close())

    test('a store that hangs is 503 with Retry-After in both envelopes, and serves again afterwards [check 83]', async () => {
      await isServed()
      const release = await hold(kind, gateway.settings.databaseUrl)
      gateway.clock.advance(5_000)
      const [seller, ready, members] = await Promise.all([sellerLogin(), readyStatus(), memberLogins(20)])
      await release()
      assert.deepEqual([seller.status, seller.headers['retry-after']], [503, '1'])
      assert.match(seller.text, /"10004"/)
      for (const { status, headers, json } of members) {
        assert.deepEqual([status, headers['retry-after'], (json as { code: number }).code], [503, '1', 700106])
      }
      assert.equal(ready, 503)
      await isServed()
    })

    test('a readable but not writable store is 503, and the process is not ready [check 82]', async () => {
      const release = await makeReadOnly(kind, gateway.store as SqlStore)
      for (const { status } of [await sellerLogin(), ...(await memberLogins(3))]) assert.equal(status, 503)
      gateway.clock.advance(5_000)
      assert.equal(await readyStatus(), 503)
      await release()
      await isServed()
    })
  })
}

/** Locks what every login needs. Returns a function that ends it. */
async function hold(kind: StoreKind, url: string): Promise<() => Promise<void>> {
  if (kind.name === 'sqlite') {
    const file = new DatabaseSync(sqliteFileOf(url) ?? '')
    file.exec('begin immediate')
    return async () => file.close()
  }
  const store = await openStore({ url, holdMsMax: 60_000 })
  const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const holding = store.database.transaction(async (tx) => {
    await sql`lock table members, sellers, meta in access exclusive mode`.execute(tx)
    held.resolve()
    await released.promise
  })
  await held.promise
  return async () => {
    released.resolve()
    await holding
    await store.close()
  }
}

async function makeReadOnly(kind: StoreKind, { database }: SqlStore): Promise<() => Promise<void>> {
  const run = (statement: string) => database.run((db) => sql.raw(statement).execute(db))
  if (kind.name === 'sqlite') {
    await run('pragma query_only = on')
    return async () => void (await run('pragma query_only = off'))
  }
  const { rows } = await database.run((db) => sql<{ name: string }>`select current_database() as name`.execute(db))
  const name = rows[0]?.name
  const admin = await openStore({ url: process.env.TEST_DATABASE_URL ?? '', applicationName: 'lobbykey test admin' })
  const runAsAdmin = (statement: string) => admin.database.run((db) => sql.raw(statement).execute(db))
  await runAsAdmin(`alter database ${name} set default_transaction_read_only = on`)
  // As after a failover: existing connections are gone.
  await runAsAdmin(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
  return async () => {
    await runAsAdmin(`alter database ${name} reset default_transaction_read_only`)
    await admin.close()
  }
}
