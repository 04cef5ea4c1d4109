import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memberCreate, memberLock, memberLogin, memberLogout, memberUpdate } from '@lobbykey/contract'
import { sql } from 'kysely'
import { sharedAs } from '../../src/core/base/clock.ts'
import { Sealer } from '../../src/core/base/sealer.ts'
import { SessionAdmin } from '../../src/core/member-sessions/session-admin.ts'
import { MemberAdmin } from '../../src/core/members/member-admin.ts'
import { importMembers } from '../../src/core/members/member-import.ts'
import { MerchantAdmin } from '../../src/core/merchants/merchant-admin.ts'
import { KeyRotation } from '../../src/core/tokens/key-rotation.ts'
import { sampleMerchant, sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { copiedTables } from '../../src/store/copy/copied-tables.ts'
import { openStore, type SqlStore } from '../../src/store/open-store.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { authPath, bearer, codeOf, login, loginTokens, refresh, sellerAdmin } from '../support/seller-calls.ts'
import { addService, revoke, serviceAdmin } from '../support/service-calls.ts'
import { sampleBody, sendCall } from '../support/signed-calls.ts'
import { testStores } from '../support/stores.ts'

const { agentId } = sampleMerchant

/** From now on the database refuses rows of events, as with a full or broken table; everything else works. */
async function breakEvents({ database }: SqlStore): Promise<void> {
  const statements =
    database.dialect === 'sqlite'
      ? ["create trigger events_away before insert on events begin select raise(abort, 'events are away'); end"]
      : [
          "create function events_away() returns trigger language plpgsql as $$ begin raise exception 'events are away'; end $$",
          'create trigger events_away before insert on events for each statement execute function events_away()',
        ]
  for (const statement of statements) await database.run((db) => sql.raw(statement).execute(db))
}

/** Everything that the store has about partners, by table, except what timers and logins record. */
async function contentOf({ database }: SqlStore): Promise<Record<string, string>> {
  const records = [
    'events',
    'traces',
    'stranger_traces',
    'refusals',
    'call_counts',
    'call_totals',
    'call_days',
    'merchant_days',
    'call_origins',
    'call_batches',
    'merchant_clocks',
    'merchant_conduct',
    'processes',
  ]
  const content: Record<string, string> = {}
  for (const { name, key } of copiedTables.filter(({ name }) => !records.includes(name))) {
    const order = sql.join(key.map((column) => sql.ref(column)))
    const { rows } = await database.run((db) => sql<object>`select * from ${sql.table(name)} order by ${order}`.execute(db))
    // Timers record last uses.
    content[name] = JSON.stringify(rows.map((row) => ({ ...row, last_used_at: null, presented_access_hash: null })))
  }
  return content
}

/** Every change that operators can make, by name. */
async function adminChanges(gateway: TestGateway, serviceId: string): Promise<[string, () => Promise<unknown>][]> {
  const { store, clock, settings } = gateway
  const sealer = new Sealer(settings.masterKey)
  const common = { clock, origin: { surface: 'cli' } } as const
  const merchants = new MerchantAdmin({ store: store.merchants, sealer, ...common })
  const members = new MemberAdmin({ store, ...common })
  const sellers = await sellerAdmin(gateway)
  const services = serviceAdmin(gateway)
  const keys = new KeyRotation({
    store: store.signingKeys,
    sealer,
    shared: sharedAs(clock),
    origin: { surface: 'cli' },
    bits: 2048,
    publishMs: 0,
  })
  const { email } = sampleSeller
  const retired = (await merchants.get(agentId)).keys[0]?.id ?? ''
  return [
    ['merchant add', () => merchants.add('newcomer', { currencies: ['USD'], allow: ['127.0.0.1'] })],
    ['merchant update', () => merchants.update(agentId, { allow: ['127.0.0.2'] })],
    ['merchant disable', () => merchants.setStatus(agentId, 'disabled')],
    ['merchant key rotate', () => merchants.rotateKey(agentId)],
    ['merchant key retire', () => merchants.retireKey(agentId, retired, true)],
    ['member add', () => members.add(agentId, 'newcomer')],
    ['member import', () => importMembers(agentId, [{ user_id: 'newcomer', user_name: 'New' }], { store, ...common })],
    ['member lock', () => members.setStatus(agentId, 'uid001', 'LockAll')],
    ['member logout', () => members.logout(agentId, 'uid001')],
    ['member erase', () => members.erase(agentId, 'uid001')],
    ['member kick', () => new SessionAdmin({ store, ...common }).kick({ agentId })],
    ['seller add', () => sellers.add('newcomer@example.com', 'walnut-harbour-lantern')],
    ['seller disable', () => sellers.setStatus(email, 'disabled')],
    ['seller lock', () => sellers.lock(email)],
    ['seller unlock', () => sellers.unlock(email)],
    ['seller password', () => sellers.setPassword(email, 'walnut-harbour-lantern')],
    ['seller reset', () => sellers.issueResetToken(email)],
    ['seller sessions end', () => sellers.endSessions(email)],
    ['service add', () => services.add('newcomer')],
    ['service rotate', () => services.rotateSecret(serviceId, 60)],
    ['service disable', () => services.setStatus(serviceId, 'disabled')],
    [
      'catalogue',
      () => store.catalogue.replace({ games: [], tables: [], limits: [] }, { at: 1, kind: 'catalogue.replaced', surface: 'cli' }),
    ],
    ['keys rotate', () => keys.rotate(true)],
    ['keys reset', () => keys.reset()],
  ]
}

for (const storeKind of testStores()) {
  describe(`while no event can be written on ${storeKind.name}`, () => {
    test('[check 74] [check 86] nothing that needs an event is changed, by operators or partners; logins have their own records', async (t) => {
      const gateway = await startTestGateway({ storeKind })
      const direct = await openStore({ url: gateway.settings.databaseUrl, poolSize: 1 })
      t.after(async () => {
        await direct.close()
        await gateway.close()
      })
      const service = await addService(gateway)
      const { accessToken, refreshToken } = await loginTokens(gateway)
      const resetToken = (await (await sellerAdmin(gateway)).issueResetToken(sampleSeller.email)).token
      await new MerchantAdmin({
        store: gateway.store.merchants,
        sealer: new Sealer(gateway.settings.masterKey),
        clock: gateway.clock,
        origin: { surface: 'cli' },
      }).rotateKey(agentId)
      const now = () => gateway.clock.now()
      assert.equal(((await sendCall(gateway, memberLogin, sampleBody(memberLogin, now()))).json as { code: number }).code, 200)
      const changes = await adminChanges(gateway, service.id)
      await breakEvents(direct)

      const before = await contentOf(direct)
      for (const [name, change] of changes) {
        await assert.rejects(change(), name)
        assert.deepEqual(await contentOf(direct), before, name)
      }
      for (const call of [memberCreate, memberUpdate, memberLock, memberLogout]) {
        const answer = await sendCall(gateway, call, sampleBody(call, now()))
        assert.notEqual((answer.json as { code: number }).code, 200, call.name)
        assert.deepEqual(await contentOf(direct), before, call.name)
      }
      const newcomer = sampleBody(memberLogin, now(), { user_id: 'newcomer' })
      assert.notEqual(((await sendCall(gateway, memberLogin, newcomer)).json as { code: number }).code, 200)
      const password = { oldPassword: sampleSeller.password, newPassword: 'walnut-harbour-lantern' }
      for (const [path, body, options] of [
        ['logout', {}, bearer(accessToken)],
        ['password', password, bearer(accessToken)],
        ['password/reset', { resetToken, newPassword: 'walnut-harbour-lantern' }, {}],
      ] as const) {
        assert.notEqual(codeOf(await gateway.post(`${authPath}/${path}`, body, options)), '0000', path)
        assert.deepEqual(await contentOf(direct), before, path)
      }
      assert.equal((await revoke(gateway, service, accessToken)).status, 500)
      assert.deepEqual(await contentOf(direct), before, 'revoke')

      // A login's record is its session, written in the same transaction.
      assert.equal(((await sendCall(gateway, memberLogin, sampleBody(memberLogin, now()))).json as { code: number }).code, 200)
      assert.equal(codeOf(await login(gateway)), '0000')
      assert.equal(codeOf(await refresh(gateway, refreshToken)), '0000')
      await gateway.updateMerchant({ settings: { sessions: 'newest-wins' } }).then(
        () => assert.fail('a merchant was changed'),
        () => undefined,
      )
    })
  })
}
