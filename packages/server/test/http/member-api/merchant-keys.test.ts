import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { MerchantAdmin } from '../../../src/core/merchants/merchant-admin.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { type Body, loginBody, type SignOptions, signed } from '../../support/signed-body.ts'

let gateway: TestGateway
const masterKey = randomBytes(32)
before(async () => {
  gateway = await startTestGateway({ settings: { masterKey } })
})
after(() => gateway.close())

const codeOf = async (options: SignOptions = {}, body: Body = loginBody(gateway.clock.now())) =>
  ((await gateway.post('/api/member/login', signed(body, options))).json as Body).code
const admin = () =>
  new MerchantAdmin({ store: gateway.store.merchants, sealer: new Sealer(masterKey), clock: gateway.clock, origin: { surface: 'cli' } })
const uses = async () => (await admin().get('agent001')).keys.map(({ lastUsedAt }) => lastUsedAt)

test('[check 68] each key records when it last verified a request; a failed signature does not count', async () => {
  assert.equal(await codeOf({ key: 'wrong-key-00000000' }), 600100)
  await gateway.flushKeyUses()
  assert.deepEqual(await uses(), [null])
  const first = gateway.clock.now()
  assert.equal(await codeOf(), 200)
  await gateway.flushKeyUses()
  assert.deepEqual(await uses(), [first])
  gateway.clock.advance(1)
  const { key } = await admin().rotateKey('agent001')
  await gateway.hearChanges()
  gateway.clock.advance(600_000)
  const second = gateway.clock.now()
  assert.equal(await codeOf({ key }), 200)
  await gateway.flushKeyUses()
  assert.deepEqual(await uses(), [first, second])
  assert.equal(await codeOf(), 200)
})

test('[check 37] a merchant switched to HMAC-SHA256 accepts no MD5 signature, not even one accepted before', async () => {
  const captured = signed(loginBody(gateway.clock.now()))
  assert.equal(((await gateway.post('/api/member/login', captured)).json as Body).code, 200)
  await gateway.updateMerchant({ settings: { algorithm: 'hmac-sha256' } })
  assert.equal(((await gateway.post('/api/member/login', captured)).json as Body).code, 600100)
  assert.equal(await codeOf(), 600100)
  assert.equal(await codeOf({ profile: { algorithm: 'hmac-sha256', callback: 'unsigned' } }), 200)
  const body = loginBody(gateway.clock.now())
  const md5 = String(signed(body).sign)
  const hmac = String(signed(body, { profile: { algorithm: 'hmac-sha256', callback: 'unsigned' } }).sign)
  for (const sign of [hmac.slice(0, 32), hmac.slice(32), md5 + md5, `${md5}${'0'.repeat(32)}`]) {
    assert.equal(((await gateway.post('/api/member/login', { ...body, sign })).json as Body).code, 600100, sign)
  }
  await gateway.updateMerchant({ settings: { algorithm: 'md5' } })
})
