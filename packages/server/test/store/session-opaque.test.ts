import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import type { SqlStore } from '../../src/store/open-store.ts'
import type { LoginWrite } from '../../src/store/store.ts'
import { eachStore } from '../support/stores.ts'
import { addMerchant, sampleLogin, start, uniqueName } from './samples.ts'

const kept = { callback: 'https://a.example/?b="c"\\d', limits: { USD_101: '1,2', VND_101: '3' }, custom_language: 'en-US>en-play' }
const oldColumns = { callback: kept.callback, limits: JSON.stringify(kept.limits), custom_language: kept.custom_language, amount: null }

/** Writes a session as the previous release does, which does not know `opaque`. */
async function writeAsBefore({ database }: SqlStore, login: LoginWrite, changes: Partial<typeof oldColumns> = {}): Promise<void> {
  const { callback, limits, custom_language } = { ...oldColumns, ...changes }
  const { agentId } = login.request
  await database.run((db) =>
    sql`
      insert into member_sessions (
        token_hash, agent_id, user_id, platform, language, currency, callback, limits, custom_language, created_at, expires_at
      ) values (
        ${Buffer.from(login.tokenHash)}, ${agentId}, ${login.userId}, 'h5', 'en-US', 'VND2', ${callback}, ${limits}, ${custom_language},
        ${login.now}, ${login.expiresAt}
      )
      on conflict (token_hash) do update set
        callback = excluded.callback, limits = excluded.limits, custom_language = excluded.custom_language, expires_at = excluded.expires_at
    `.execute(db),
  )
}

async function columnsOf({ database }: SqlStore, { tokenHash }: Pick<LoginWrite, 'tokenHash'>) {
  const { opaque, callback, limits, custom_language, amount } = await database.run((db) =>
    db.selectFrom('member_sessions').selectAll().where('token_hash', '=', tokenHash).executeTakeFirstOrThrow(),
  )
  return { opaque, callback, limits, custom_language, amount }
}

eachStore('kept fields', (subject) => {
  const open = async () => {
    const agentId = await addMerchant(subject.store, 'uid001')
    return { agentId, login: { ...sampleLogin({ agentId, userId: 'uid001', token: 'one' }), opaque: kept } }
  }
  const opaqueOf = async (login: LoginWrite) => (await subject.store.memberSessions.find(login.tokenHash))?.opaque

  test('the previous release finds them in its own columns; a login without any leaves all empty', async () => {
    const { agentId, login } = await open()
    const plain = sampleLogin({ agentId, userId: 'uid001', token: 'two' })
    assert.deepEqual(await subject.store.memberSessions.login([login, plain]), ['accepted', 'accepted'])
    assert.deepEqual(await columnsOf(subject.store, login), { opaque: JSON.stringify(kept), ...oldColumns })
    assert.deepEqual(new Set(Object.values(await columnsOf(subject.store, plain))), new Set([null]))
    const guest = {
      ...plain,
      tokenHash: Buffer.from(uniqueName('guest').padEnd(16).slice(-16)),
      opaque: { amount: '1.5', callback: 'https://a.example/' },
    }
    assert.equal(await subject.store.memberSessions.openGuest({ ...guest, request: login.request, ticket: null }), 'refused')
    const request = { ...login.request, signature: Buffer.alloc(16, 7), endpoint: 'guest_login' }
    assert.equal(await subject.store.memberSessions.openGuest({ ...guest, request, ticket: null }), 'accepted')
    const { amount, callback } = await columnsOf(subject.store, guest)
    assert.deepEqual([amount, callback], ['1.5', 'https://a.example/'])
  })

  test('sessions of the previous release are read', async () => {
    const { agentId, login } = await open()
    await writeAsBefore(subject.store, login)
    assert.deepEqual(await opaqueOf(login), kept)
    const plain = sampleLogin({ agentId, userId: 'uid001', token: 'two' })
    await writeAsBefore(subject.store, plain, { callback: null, limits: null, custom_language: null } as never)
    assert.deepEqual(await opaqueOf(plain), {})
  })

  test('after a renewal by the previous release the new fields are shown, and after one by this release its own', async () => {
    const { login } = await open()
    await subject.store.memberSessions.login([login])
    await writeAsBefore(subject.store, { ...login, expiresAt: login.expiresAt + 1 })
    assert.deepEqual(await opaqueOf(login), kept)
    for (const name of ['callback', 'limits', 'custom_language'] as const) {
      await writeAsBefore(subject.store, login, { [name]: null })
      const { [name]: _gone, ...others } = kept
      assert.deepEqual(await opaqueOf(login), others, name)
      const again = sampleLogin({ agentId: login.request.agentId, userId: 'uid001', token: 'one', now: start + 1 })
      assert.deepEqual(await subject.store.memberSessions.login([{ ...again, opaque: kept }]), ['accepted'])
      assert.deepEqual(await opaqueOf(login), kept)
    }
    const plain = sampleLogin({ agentId: login.request.agentId, userId: 'uid001', token: 'one', now: start + 2 })
    assert.deepEqual(await subject.store.memberSessions.login([plain]), ['accepted'])
    assert.deepEqual(await opaqueOf(login), {})
  })

  test('a status known only to a later release needs no migration, and refuses logins', async () => {
    const { login } = await open()
    const { agentId } = login.request
    const set = (status: string) =>
      subject.store.database.run((db) => sql`update members set status = ${status} where agent_id = ${agentId}`.execute(db))
    await set('Later')
    assert.deepEqual(await subject.store.memberSessions.login([login]), ['member_locked'])
    await set('LockBet')
    assert.deepEqual(await subject.store.memberSessions.login([login]), ['accepted'])
  })
})
