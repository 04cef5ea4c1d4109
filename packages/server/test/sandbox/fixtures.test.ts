import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factText } from '@lobbykey/contract'
import { Sealer } from '../../src/core/base/sealer.ts'
import { merchantFixtures } from '../../src/sandbox/fixtures.ts'
import { seedFixtures } from '../../src/sandbox/seed-fixtures.ts'
import { startTestGateway } from '../support/gateway.ts'
import { codeOf, login } from '../support/seller-calls.ts'
import { type Body, loginBody, type SignOptions, signed } from '../support/signed-body.ts'

test('every fixture has its listed result, even when it is seeded again', async (t) => {
  const gateway = await startTestGateway()
  t.after(() => gateway.close())
  const { store, clock, settings } = gateway
  const seed = () => seedFixtures({ store, clock, settings, sealer: new Sealer(settings.masterKey) })
  await seed()
  const merchantCount = (await store.merchants.load()).length
  assert.equal(merchantCount, merchantFixtures.length + 1)
  await seed()
  assert.equal((await store.merchants.load()).length, merchantCount)
  await gateway.hearChanges()

  const code = async (changes: Body, options?: SignOptions) => {
    const { json } = await gateway.post('/api/member/login', signed(loginBody(clock.now(), changes), options))
    return (json as { code: number }).code
  }
  const hmac: SignOptions = { profile: { algorithm: 'hmac-sha256', callback: 'unsigned' } }
  const callback = 'https://h5-uat.aig1234.com/'
  assert.equal(await code({ agent_id: 'disabled' }), 700101)
  assert.equal(await code({ agent_id: 'foreignip' }), 408003)
  assert.deepEqual([await code({ agent_id: 'usdonly' }), await code({ agent_id: 'usdonly', currency: 'USD' })], [700208, 200])
  assert.deepEqual([await code({ agent_id: 'hmac001' }), await code({ agent_id: 'hmac001' }, hmac)], [600100, 200])
  assert.equal(await code({ agent_id: 'signedcallback', callback }), 600100)
  assert.equal(await code({ agent_id: 'signedcallback', callback }, { profile: { algorithm: 'md5', callback: 'signed' } }), 200)
  assert.equal(await code({ agent_id: 'autocreate', user_id: 'newcomer' }), 200)
  const limited = []
  for (let i = 0; i < 3; i++) limited.push(await code({ agent_id: 'ratelimited' }))
  assert.deepEqual(limited, [200, 200, 408004])
  assert.equal(await code({ user_id: 'locked01' }), 700108)
  assert.equal(await code({ user_id: 'lockbet01' }), 200)
  assert.equal(await code({ user_id: 'unknown01' }), 700103)
  for (const email of ['disabled@example.com', 'locked@example.com']) assert.equal(codeOf(await login(gateway, { email })), '10006')
  await gateway.flushTraces()
  const failed = await store.traces.list({ onlyFailed: true, limit: 100 })
  const reasons = failed.filter(({ surface }) => surface === 'seller-api').map(({ steps }) => factText(steps.at(-1)?.facts ?? []))
  assert.deepEqual(reasons, ['bad_credentials; locked', 'bad_credentials; disabled'])
})

test('a sandbox that listens elsewhere than last time lists its origin with every fixture', async (t) => {
  const gateway = await startTestGateway()
  t.after(() => gateway.close())
  const { store, clock, settings } = gateway
  const elsewhere = 'http://127.0.0.1:18080'
  for (const publicUrl of [settings.publicUrl, elsewhere])
    await seedFixtures({ store, clock, settings: { ...settings, publicUrl }, sealer: new Sealer(settings.masterKey) })
  const origins = new Map((await store.merchants.load()).map(({ agentId, settings }) => [agentId, settings.callbackOrigins]))
  for (const { agentId } of merchantFixtures) assert.ok(origins.get(agentId)?.includes(elsewhere), agentId)
})
