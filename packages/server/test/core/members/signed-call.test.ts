/** The steps that all signed calls share, one by one: what each establishes, refuses, reports to a trace, and notifies. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import { canonicalString, factText, type GatewayError, guestLogin, memberLogin, type SignedCall, signedNames } from '@lobbykey/contract'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { RateLimiter } from '../../../src/core/limits/rate-limiter.ts'
import { ReplayFloor } from '../../../src/core/members/replay-floor.ts'
import { signCanonical } from '../../../src/core/members/signature.ts'
import {
  type SignedCallProgress,
  type SignedCallState,
  signedCallSteps,
  signedRequest,
  verifyAddressRate,
} from '../../../src/core/members/signed-call.ts'
import { ClockRadar } from '../../../src/core/merchants/clock-radar.ts'
import { KeyUsage } from '../../../src/core/merchants/key-usage.ts'
import { MerchantAdmin } from '../../../src/core/merchants/merchant-admin.ts'
import { MerchantDirectory } from '../../../src/core/merchants/merchant-directory.ts'
import { sampleMerchantSettings } from '../../../src/sandbox/sample-partners.ts'
import type { SqlStore } from '../../../src/store/open-store.ts'
import { openStore } from '../../../src/store/open-store.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { type TestDatabase, testStores } from '../../support/stores.ts'

const key = 'abcdefghijklmnop'
const onError = (error: unknown) => assert.fail(String(error))

describe('the steps of a signed call', () => {
  const clock = new ManualClock()
  const sealer = new Sealer(randomBytes(32))
  let database: TestDatabase
  let store: SqlStore
  let merchants: MerchantDirectory
  let admin: MerchantAdmin
  let keyUsage: KeyUsage
  let replayFloor: ReplayFloor
  let clockRadar: ClockRadar
  let steps: ReturnType<typeof signedCallSteps>

  before(async () => {
    const [sqlite] = testStores()
    database = (await sqlite?.create()) ?? assert.fail()
    store = await openStore({ url: database.url, poolSize: 1 })
    admin = new MerchantAdmin({ store: store.merchants, sealer, clock, origin: { surface: 'cli' } })
    const settings = sampleMerchantSettings('http://127.0.0.1:8080')
    await admin.add('one', { ...settings, ratePerSecond: 1 }, key)
    await admin.add('other', settings, key)
    await admin.add('off', settings, key)
    await admin.setStatus('off', 'disabled')
    await admin.add('strict', { ...settings, callback: 'signed' }, key)
  })
  beforeEach(async () => {
    merchants = new MerchantDirectory({ store: store.merchants, sealer })
    await merchants.reload(['*'])
    keyUsage = new KeyUsage({ store: store.merchants, clock, onError })
    replayFloor = new ReplayFloor(store.changes)
    clockRadar = new ClockRadar({ store: store.merchantClocks, onError, onWarning: () => {} })
    steps = signedCallSteps({
      merchants,
      keyUsage,
      limiter: new RateLimiter(),
      ratePerMerchant: 2,
      assertFresh: () => {},
      replayFloor,
      clockRadar,
    })
  })
  after(async () => {
    await keyUsage.close()
    await clockRadar.close()
    await store.close()
    await database.drop()
  })

  function begun(changes: Record<string, unknown> = {}, call: SignedCall = memberLogin): SignedCallState {
    const fields = { agent_id: 'one', user_id: 'uid001', token: 'token-00000001', timestamp: clock.now(), sign: '', ...changes }
    const progress: SignedCallProgress = { call, requestId: 'r', address: '127.0.0.1', now: clock.now(), fields, answer: {}, stepIndex: -1 }
    return progress as SignedCallState
  }
  function known(changes: Record<string, unknown> = {}, call: SignedCall = memberLogin): SignedCallState {
    const state = begun(changes, call)
    steps.merchant.run(state)
    return state
  }
  function signed(state: SignedCallState, names = signedNames(state.call, state.merchant.profile.callback), by = key): SignedCallState {
    const sign = signCanonical(canonicalString(state.fields, names), by, state.merchant.profile.algorithm).toString('hex')
    return Object.assign(state, { fields: { ...state.fields, sign } })
  }
  const refusal = (key: string, message?: RegExp) => (error: unknown) =>
    (error as GatewayError).key === key && (message === undefined || message.test((error as Error).message))

  test('merchant: an enabled one is found; a disabled one differs from an unknown one in the state only', () => {
    const found = known()
    assert.deepEqual([found.agentId, found.merchant.agentId, steps.merchant.fact(found)], ['one', 'one', ['text', 'one']])
    const off = begun({ agent_id: 'off' })
    assert.throws(() => steps.merchant.run(off), refusal('merchant_not_found'))
    assert.deepEqual([off.agentId, off.merchant], ['off', undefined])
    const nobody = begun({ agent_id: 'nobody' })
    assert.throws(() => steps.merchant.run(nobody), refusal('merchant_not_found'))
    assert.deepEqual([nobody.agentId, nobody.merchant], [undefined, undefined])
  })

  test('address list: a listed address passes; an unlisted or missing one is named', () => {
    const state = known()
    steps.addressList.run(state)
    assert.equal(state.isListed, true)
    assert.equal(factText([steps.addressList.fact(state)]), '127.0.0.1, against 2 entries')
    const stranger = { ...known(), address: '192.0.2.1' }
    assert.throws(() => steps.addressList.run(stranger), refusal('address_not_allowed', /192\.0\.2\.1 is not on/))
    assert.equal(stranger.isListed, undefined)
    const none = { ...known(), address: null }
    assert.throws(() => steps.addressList.run(none), refusal('address_not_allowed', /an unknown address is not on/))
    assert.equal(factText([steps.addressList.fact(none)]), 'no address, against 2 entries')
    const { merchant } = none
    none.merchant = { ...merchant, settings: { ...merchant.settings, allow: ['127.0.0.1'] } }
    assert.equal(factText([steps.addressList.fact(none)]), 'no address, against 1 entry')
  })

  test('rate by merchant: its own rate before the default, each merchant separately', () => {
    const [one, other] = [known(), known({ agent_id: 'other' })]
    for (let count = 0; count < 2; count++) steps.rateByMerchant.run(one)
    assert.throws(() => steps.rateByMerchant.run(one), refusal('rate_limited'))
    for (let count = 0; count < 4; count++) steps.rateByMerchant.run(other)
    assert.throws(() => steps.rateByMerchant.run(other), refusal('rate_limited'))
    assert.equal(factText([steps.rateByMerchant.fact(one)]), 'limit 1 a second, 2 at once')
    assert.equal(factText([steps.rateByMerchant.fact(other)]), 'limit 2 a second, 4 at once')
    const unlimited = signedCallSteps({
      ...{ merchants, keyUsage, limiter: new RateLimiter(), ratePerMerchant: 0, assertFresh: () => {}, replayFloor, clockRadar },
    })
    for (let count = 0; count < 50; count++) unlimited.rateByMerchant.run(other)
    assert.equal(factText([unlimited.rateByMerchant.fact(other)]), 'no limit')
  })

  test('rate by address: each network separately, all callers without an address together', () => {
    const limiter = new RateLimiter()
    const take = (address: string | null) => verifyAddressRate(limiter, address, 1, clock.now())
    for (const address of ['192.0.2.1', '192.0.2.2', '2001:db8::1', null]) {
      take(address)
      take(address)
      assert.throws(() => take(address), refusal('rate_limited'), String(address))
    }
    assert.throws(() => take('2001:db8::2'), refusal('rate_limited'), 'the same /64')
    take('2001:db8:0:1::1')
    // A limiter shared with other surfaces, whose keys must not collide.
    assert.equal(limiter.take('192.0.2.1', 1, clock.now()), 0)
    assert.equal(limiter.take('unknown', 1, clock.now()), 0)
    assert.equal(limiter.take('', 1, clock.now()), 0)
  })

  test('timestamp: ten minutes in either direction, to the millisecond; the message says how far and which way', () => {
    for (const off of [-600_000, 0, 600_000]) {
      const state = known({ timestamp: clock.now() + off })
      steps.timestamp.run(state)
      assert.equal(factText([steps.timestamp.fact(state)]), `clock difference ${off} ms`)
      steps.timestamp.run(known({ timestamp: String(clock.now() + off) }))
    }
    assert.throws(
      () => steps.timestamp.run(known({ timestamp: clock.now() + 600_001 })),
      refusal('invalid_parameter', /timestamp \d+ is 601 s ahead of the .* may be 600 s off/),
    )
    assert.throws(
      () => steps.timestamp.run(known({ timestamp: clock.now() - 600_001 })),
      refusal('invalid_parameter', /timestamp \d+ is 601 s behind the/),
    )
    assert.throws(() => steps.timestamp.run(known({ timestamp: 'NaN' })), refusal('invalid_parameter'))
  })

  test('timestamp: requests from before the restore of the records are refused', async () => {
    const detail = JSON.stringify({ floor: clock.now(), ahead: { one: clock.now() + 30_000 } })
    await store.changes.resumeAfter(await store.changes.latestSeq(), { at: clock.now(), detail })
    await replayFloor.reload()
    const at = (agentId: string, ahead: number) => () => steps.timestamp.run(known({ agent_id: agentId, timestamp: clock.now() + ahead }))
    assert.throws(at('other', 0), refusal('invalid_parameter', /records were restored/))
    at('other', 1)()
    assert.throws(at('one', 30_000), refusal('invalid_parameter', /records were restored/))
    at('one', 30_001)()
  })

  test("signature: by any of the merchant's keys, in either case, over the call's names under the merchant's profile", async () => {
    const lower = signed(known())
    steps.signature.run(lower)
    assert.equal(Buffer.from(lower.signature).toString('hex'), lower.fields.sign)
    assert.equal(lower.keyId, merchants.find('one')?.keyIds[0])
    const upper = signed(known({ amount: '1' }))
    steps.signature.run({ ...upper, fields: { ...upper.fields, sign: upper.fields.sign.toUpperCase() } })
    assert.throws(() => steps.signature.run(signed(known(), undefined, 'anotherkeyanotherkey')), refusal('bad_signature'))
    assert.throws(() => steps.signature.run(signed(known(), ['agent_id'])), refusal('bad_signature'))
    const guest = signed(known({ callback: 'https://h5-uat.aig1234.com/home' }, guestLogin))
    steps.signature.run(guest)
    for (const agentId of ['one', 'strict']) {
      const withCallback = { agent_id: agentId, callback: 'https://h5-uat.aig1234.com/home' }
      const names = signedNames(memberLogin, agentId === 'one' ? 'unsigned' : 'signed')
      steps.signature.run(signed(known(withCallback), names))
      const wrong = signedNames(memberLogin, agentId === 'one' ? 'signed' : 'unsigned')
      assert.throws(() => steps.signature.run(signed(known(withCallback), wrong)), refusal('bad_signature'))
    }
  })

  test('signature: a signed callback that could pass for fields is refused, an unsigned one is not', () => {
    const callback = 'https://h5-uat.aig1234.com/home?a=b&user_id=uid002'
    assert.throws(
      () => steps.signature.run(signed(known({ agent_id: 'strict', callback }))),
      refusal('invalid_parameter', /callback must not hold &/),
    )
    steps.signature.run(signed(known({ agent_id: 'strict', callback: callback.replace('&user_id', '&user') })))
    steps.signature.run(signed(known({ agent_id: 'one', callback })))
  })

  test("signature: the key's use, the merchant's clock and the latest timestamp are recorded only for a valid one", async () => {
    const ahead = { timestamp: clock.now() + 20_000 }
    assert.throws(
      () => steps.signature.run({ ...known(ahead), fields: { ...known(ahead).fields, sign: '0'.repeat(32) } }),
      refusal('bad_signature'),
    )
    await clockRadar.flush()
    assert.deepEqual(await store.merchantClocks.load(['one']), [])
    assert.deepEqual(JSON.parse(replayFloor.mark(clock.now())).ahead, {})
    const state = signed(known(ahead))
    steps.signature.run(state)
    await keyUsage.flush()
    await clockRadar.flush()
    const [merchant] = await store.merchants.load(['one'])
    assert.equal(merchant?.keys.find(({ id }) => id === state.keyId)?.lastUsedAt, clock.now())
    assert.equal((await store.merchantClocks.load(['one']))[0]?.differenceMs, 20_000)
    assert.deepEqual(JSON.parse(replayFloor.mark(clock.now())).ahead, { one: clock.now() + 20_000 })
  })

  test('signature: a trace gets algorithm, keys and text, with values only if permitted', async () => {
    const state = signed(known())
    assert.match(factText([steps.signature.fact(state, 'shown')]), /^md5, 1 key tried, agent_id=one&.*user_id=uid001$/)
    assert.doesNotMatch(factText([steps.signature.fact(state, 'masked')]), /uid001/)
    await admin.rotateKey('one')
    await merchants.reload(['one'])
    assert.match(factText([steps.signature.fact(signed(known()), 'masked')]), /^md5, 2 keys tried, /)
  })

  test('the replay row is kept for the window plus a minute of clock skew', () => {
    const state = signed(known())
    steps.signature.run(state)
    const unsignedDigest = randomBytes(8)
    assert.deepEqual(signedRequest(state, unsignedDigest), {
      agentId: 'one',
      signature: state.signature,
      timestamp: clock.now(),
      endpoint: 'login',
      unsignedDigest,
      expiresAt: clock.now() + 660_000,
    })
  })
})
