import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { isGatewayError } from '@lobbykey/contract'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { LoginThrottle, type LoginThrottleOptions } from '../../../src/core/passwords/login-throttle.ts'
import type { Store } from '../../../src/store/store.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { eachStore } from '../../support/stores.ts'

const patienceMs = 800

/** A throttle with its own keys, so that tests share a store but not their counters. */
function openThrottle(store: Store, changes: Partial<LoginThrottleOptions> = {}) {
  const clock = (changes.clock as ManualClock | undefined) ?? new ManualClock()
  const throttle = new LoginThrottle({
    store: store.throttles,
    clock,
    secret: randomBytes(32),
    loginBackoffAfter: 5,
    loginLockAfter: 100,
    loginFailuresPerAddressMinute: 60,
    ...changes,
  })
  const admit = async (options: { email?: string; address?: string; isKnownAddress?: boolean; signal?: AbortSignal } = {}) => {
    const { email = 'seller@example.com', address = '192.0.2.1', isKnownAddress = false, signal = new AbortController().signal } = options
    const patience = { since: clock.now(), until: clock.now() + patienceMs, signal }
    const loginTry = await throttle.begin({ email, address, isKnownAddress })
    try {
      await loginTry.admit(patience)
    } catch (error) {
      loginTry.release()
      throw error
    }
    return loginTry
  }
  return { clock, throttle, admit }
}

type Tools = ReturnType<typeof openThrottle>

/** `locked`, the milliseconds to wait, another refusal's key, or `open`. Does not settle the try. */
async function judge({ admit }: Tools, options: Parameters<Tools['admit']>[0] = {}): Promise<string | number> {
  try {
    const admission = await admit(options)
    admission.release()
    return admission.isLocked ? 'locked' : 'open'
  } catch (error) {
    if (!isGatewayError(error)) throw error
    return error.key === 'throttled' ? (error.details.retryAfterMs ?? -1) : error.key
  }
}

async function fail(tools: Tools, options: Parameters<Tools['admit']>[0] & { count?: number } = {}): Promise<void> {
  for (let i = 0; i < (options.count ?? 1); i++) {
    // From a separate address unless one is given, and an hour after the last, so that only the account counts.
    const address = options.address ?? `198.51.${i >> 8}.${i & 255}`
    await (await tools.admit({ ...options, address })).fail()
  }
}

eachStore('login throttle', (subject) => {
  const open = (changes: Partial<LoginThrottleOptions> = {}) => openThrottle(subject.store, changes)

  test('[check 8] from the fifth wrong password on an account must wait, one second doubling to sixty', async () => {
    const tools = open()
    await fail(tools, { count: 4 })
    assert.equal(await judge(tools), 'open')
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      await fail(tools)
      assert.equal(await judge(tools), waitMs)
      tools.clock.advance(waitMs - 1)
      assert.equal(await judge(tools), 1)
      tools.clock.advance(1)
      assert.equal(await judge(tools), 'open')
    }
  })

  test('a login that has to wait is refused at the first look, and nothing of it stays in memory', async () => {
    const tools = open()
    await fail(tools, { count: 5 })
    const before = tools.throttle.undecidedSize
    const attempt = { email: 'seller@example.com', address: '192.0.2.1', isKnownAddress: false }
    await assert.rejects(tools.throttle.begin(attempt), { key: 'throttled' })
    assert.equal(tools.throttle.undecidedSize, before)
  })

  test('[check 8] the hundredth locks, however long the caller waits', async () => {
    const tools = open()
    for (let i = 0; i < 99; i++) {
      await fail(tools)
      tools.clock.advance(60_000)
    }
    assert.equal(await judge(tools), 'open')
    await fail(tools)
    tools.clock.advance(60_000)
    assert.equal(await judge(tools), 'locked')
    tools.clock.advance(400 * 86_400_000)
    await subject.store.sweep(tools.clock.now(), 1_000)
    assert.equal(await judge(tools), 'locked')
    // A locked account is throttled like any other.
    await fail(tools)
    assert.equal(await judge(tools), 60_000)
  })

  test('a failure under a clock that had run ahead makes nobody wait longer than its back-off', async () => {
    const tools = open()
    await fail(tools, { count: 4 })
    tools.clock.advance(3_600_000)
    await fail(tools)
    tools.clock.advance(-3_600_000)
    assert.equal(await judge(tools), 1_000)
  })

  test('the right password resets the counter; an unsettled try does not count', async () => {
    const tools = open()
    await fail(tools, { count: 4 })
    await (await tools.admit()).succeed()
    await fail(tools, { count: 4 })
    assert.equal(await judge(tools), 'open')
    for (let i = 0; i < 20; i++) (await tools.admit()).release()
    assert.equal(await judge(tools), 'open')
    await fail(tools)
    assert.equal(await judge(tools), 1_000)
  })

  test('accounts are independent; a known address has its own counter, in both directions', async () => {
    const tools = open()
    await fail(tools, { count: 5 })
    assert.equal(await judge(tools), 1_000)
    assert.equal(await judge(tools, { email: 'other@example.com' }), 'open')
    const home = { address: '192.0.2.7', isKnownAddress: true }
    assert.equal(await judge(tools, home), 'open')
    await fail(tools, { ...home, count: 5 })
    assert.equal(await judge(tools, home), 1_000)
    assert.equal(await judge(tools, { address: '192.0.2.8', isKnownAddress: true }), 'open')
    // Logging in from home clears home's counter and leaves the other.
    tools.clock.advance(500)
    assert.equal(await judge(tools), 500)
    tools.clock.advance(500)
    await (await tools.admit(home)).succeed()
    await fail(tools)
    assert.equal(await judge(tools), 2_000)
    assert.equal(await judge(tools, home), 'open')
  })

  test('[check 8] the owner can log in from a known address although the account is locked', async () => {
    const tools = open({ loginBackoffAfter: 3, loginLockAfter: 3 })
    await fail(tools, { count: 3 })
    tools.clock.advance(60_000)
    assert.equal(await judge(tools), 'locked')
    assert.equal(await judge(tools, { isKnownAddress: true }), 'open')
  })

  test('sixty wrong passwords a minute from one address, whatever the account; then one per second', async () => {
    const tools = open()
    const address = '203.0.113.9'
    for (let i = 0; i < 60; i++) await fail(tools, { address, email: `s${i}@example.com` })
    assert.equal(await judge(tools, { address, email: 'next@example.com' }), 1_000)
    assert.equal(await judge(tools, { address: '203.0.113.10', email: 'next@example.com' }), 'open')
    tools.clock.advance(999)
    assert.equal(await judge(tools, { address, email: 'next@example.com' }), 1)
    tools.clock.advance(1)
    await fail(tools, { address, email: 'next@example.com' })
    assert.equal(await judge(tools, { address, email: 'last@example.com' }), 1_000)
    tools.clock.advance(60_000)
    for (let i = 0; i < 60; i++) await fail(tools, { address, email: `t${i}@example.com` })
    assert.equal(await judge(tools, { address, email: 'last@example.com' }), 1_000)
  })

  test('[check 39] IPv6 addresses are counted by /64, for limits and for known addresses', async () => {
    const tools = open({ loginFailuresPerAddressMinute: 2 })
    await fail(tools, { address: '2001:db8:0:1::1', email: 'a@example.com' })
    await fail(tools, { address: '2001:db8:0:1:ffff::2', email: 'b@example.com' })
    assert.equal(await judge(tools, { address: '2001:db8:0:1::3', email: 'c@example.com' }), 30_000)
    assert.equal(await judge(tools, { address: '2001:db8:0:2::1', email: 'c@example.com' }), 'open')
    assert.equal(tools.throttle.addressKey('2001:db8:0:1::1'), tools.throttle.addressKey('2001:db8:0:1:ffff::2'))
    assert.notEqual(tools.throttle.addressKey('2001:db8:0:1::1'), tools.throttle.addressKey('2001:db8:0:2::1'))
  })

  test('[check 8] of a hundred parallel guesses five are tried, and all of them count', async () => {
    const tools = open()
    let tried = 0
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        try {
          const admission = await tools.admit({ address: `10.0.0.${index}` })
          tried++
          await setImmediate()
          await admission.fail()
          return 'tried'
        } catch (error) {
          return isGatewayError(error) ? error.key : String(error)
        }
      }),
    )
    assert.equal(tried, 5)
    assert.equal(outcomes.filter((outcome) => outcome === 'throttled').length, 95)
    assert.equal(await judge(tools), 1_000)
  })

  test('[check 8] parallel guesses at many accounts from one address stop at its limit', async () => {
    const tools = open({ loginFailuresPerAddressMinute: 10 })
    let tried = 0
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        try {
          const admission = await tools.admit({ email: `s${index}@example.com` })
          tried++
          await setImmediate()
          await admission.fail()
        } catch (error) {
          assert.ok(isGatewayError(error) && error.key === 'throttled')
        }
      }),
    )
    assert.equal(tried, 10)
  })

  test('a burst of right passwords of one account succeeds, as many at once as wrong ones are allowed', async () => {
    const tools = open()
    let [underWay, most, left] = [0, 0, 60]
    await Promise.all(
      Array.from({ length: left }, async () => {
        const admission = await tools.admit()
        underWay++
        most = Math.max(most, underWay)
        while (underWay < Math.min(5, left)) await setImmediate()
        await setImmediate()
        underWay--
        left--
        await admission.succeed()
      }),
    )
    assert.equal(most, 5)
  })

  test('waiting tries are decided again when the one before them fails, and wait no longer than their patience', async () => {
    const tools = open({ loginBackoffAfter: 1 })
    const first = await tools.admit()
    const second = judge(tools)
    await setImmediate()
    await first.fail()
    assert.equal(await second, 1_000)

    tools.clock.advance(1_000)
    const third = await tools.admit()
    const late = judge(tools)
    await setImmediate()
    tools.clock.advance(patienceMs + 1)
    third.release()
    assert.equal(await late, 'login_busy')
  })

  test('a try whose caller is gone lets the next one pass', async () => {
    const tools = open({ loginBackoffAfter: 1 })
    const caller = new AbortController()
    const first = await tools.admit()
    const gone = assert.rejects(tools.admit({ signal: caller.signal }), { name: 'AbortError' })
    const next = judge(tools)
    caller.abort()
    await setImmediate()
    first.release()
    await gone
    assert.equal(await next, 'open')
  })

  test('a decision made while the store was being read is not missed', async (context) => {
    const tools = open({ loginBackoffAfter: 2 })
    const first = await tools.admit()
    const second = await tools.admit()
    const read = subject.store.throttles.read
    let failed: Promise<unknown> | undefined
    context.mock.method(subject.store.throttles, 'read', async (keys: readonly string[]) => {
      const rows = await read(keys)
      failed ??= Promise.all([first.fail(), second.fail()])
      await failed
      return rows
    })
    assert.equal(await judge(tools), 1_000)
  })

  test('counters apply on every node and after a restart', async () => {
    const secret = randomBytes(32)
    const clock = new ManualClock()
    const one = open({ secret, clock })
    await fail(one, { count: 5 })
    const two = openThrottle(await subject.another(), { secret, clock })
    assert.equal(await judge(two), 1_000)
  })

  test("unlocking clears the account's counter and those of the given known addresses", async () => {
    const tools = open({ loginBackoffAfter: 2, loginLockAfter: 2 })
    const [home, work] = ['192.0.2.7', '192.0.2.8'].map((address) => ({ address, isKnownAddress: true }))
    for (const where of [{}, home, work]) await fail(tools, { ...where, count: 2 })
    await tools.throttle.unlock('seller@example.com', ['192.0.2.7'])
    assert.equal(await judge(tools), 'open')
    assert.equal(await judge(tools, home), 'open')
    assert.equal(await judge(tools, work), 1_000)
  })

  test('[check 87] a lock set while the right password is being hashed stays', async () => {
    const tools = open()
    await fail(tools)
    const loginTry = await tools.admit()
    await tools.throttle.lock('seller@example.com', { at: 0, kind: 'seller.locked', surface: 'cli' })
    await loginTry.succeed()
    tools.clock.advance(60_000)
    assert.equal(await judge(tools), 'locked')
  })

  /** A timer that the test advances releases delayed refusals. */
  function refuseIn(t: TestContext) {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { clock, throttle } = open()
    let told = 0
    const refuse = (address: string, isKnownAddress = false, signal = new AbortController().signal) => {
      const since = clock.now()
      const patience = { since, until: since + patienceMs, signal }
      void throttle.holdRefusal({ email: 'seller@example.com', address, isKnownAddress }, patience).then(() => told++)
    }
    /** @returns how many more were answered after this time */
    const after = async (ms: number) => {
      const before = told
      await setImmediate()
      clock.advance(ms)
      t.mock.timers.tick(ms)
      await setImmediate()
      return told - before
    }
    return { clock, refuse, after }
  }

  test('[check 40] an address that is refused repeatedly is answered in turn, one per second at once', async (t) => {
    const { clock, refuse, after } = refuseIn(t)
    for (let n = 0; n < 10; n++) refuse('2001:db8::1')
    assert.equal(await after(0), 10)
    const caller = new AbortController()
    for (let n = 2; n < 9; n++) refuse(`2001:db8::${n}`)
    refuse('2001:db8::9', false, caller.signal)
    refuse('2001:db8:0:1::1')
    for (let n = 0; n < 20; n++) refuse('2001:db8::1', true)
    assert.equal(await after(999), 21)
    assert.equal(await after(1), 1)
    caller.abort()
    assert.equal(await after(0), 1)
    assert.equal(await after(1_000), 1)
    // None is later than four seconds, and those that would be are spread.
    assert.equal(await after(2_000), 5)
    clock.advance(20_000)
    for (let n = 0; n < 10; n++) refuse('2001:db8::1')
    assert.equal(await after(0), 10)
  })

  test('[check 40] many addresses refused once each are answered one after another, all within four seconds', async (t) => {
    const { refuse, after } = refuseIn(t)
    for (let n = 0; n < 500; n++) refuse(`10.1.${n >> 8}.${n & 255}`)
    assert.equal(await after(0), 50)
    assert.equal(await after(1_000), 50)
    assert.equal(await after(1_000), 50)
    const inFourths = []
    for (let n = 0; n < 8; n++) inFourths.push(await after(250))
    assert.equal(
      inFourths.reduce((sum, count) => sum + count),
      350,
    )
    assert.ok(Math.max(...inFourths) < 150, inFourths.join())
    for (let n = 0; n < 50; n++) refuse('192.0.2.1', true)
    assert.equal(await after(0), 50)
  })

  test('a wrong password is forgotten after a day without another', async () => {
    const tools = open()
    await fail(tools, { count: 4 })
    tools.clock.advance(86_400_000)
    await fail(tools)
    assert.equal(await judge(tools), 'open')
  })

  test("the store's keys reveal neither account nor address", async (context) => {
    const keys: string[] = []
    const { fail: write } = subject.store.throttles
    context.mock.method(subject.store.throttles, 'fail', (...args: Parameters<typeof write>) => {
      keys.push(...args[0])
      return write(...args)
    })
    await fail(open(), { address: '192.0.2.1' })
    assert.equal(keys.length, 2)
    for (const key of keys) assert.match(key, /^[\w-]{43}$/)
  })

  test('counters are found by account and address, and their effect is what a login meets', async () => {
    const tools = open({ loginBackoffAfter: 2, loginLockAfter: 4, loginFailuresPerAddressMinute: 3 })
    const { clock, throttle } = tools
    const [email, address] = ['seller@example.com', '192.0.2.1']
    const keys = throttle.keysOf({ email, address })
    assert.deepEqual([...keys.values()], ['account', 'account-at-address', 'address', 'known-at-address'])
    assert.deepEqual([...throttle.keysOf({ email })], [...keys].slice(0, 1))
    assert.deepEqual([...throttle.keysOf({ address })], [...keys].slice(2))
    assert.deepEqual([...throttle.keysOf({})], [])
    const states = async () => {
      const rows = await subject.store.throttles.read([...keys.keys()])
      return Object.fromEntries(rows.map((row) => [keys.get(row.key), throttle.stateOf(row, keys.get(row.key) ?? assert.fail())]))
    }
    const counting = { state: 'counting', retryAt: null }
    await fail(tools, { address })
    assert.deepEqual(await states(), { account: counting, address: counting })
    await fail(tools, { address, isKnownAddress: true })
    await fail(tools, { address })
    const at = clock.now()
    assert.equal(await judge(tools, { address }), 1_000)
    // Three wrong ones a minute: after two of this second, the next one is still free.
    assert.deepEqual(await states(), {
      account: { state: 'waiting', retryAt: at + 1_000 },
      'account-at-address': counting,
      address: counting,
      'known-at-address': counting,
    })
    clock.advance(1_000)
    assert.equal(await judge(tools, { address }), 'open')
    assert.deepEqual((await states()).account, counting)
    await fail(tools, { address })
    // Twenty seconds each, of which one has passed.
    assert.equal(await judge(tools, { email: 'another@example.com', address }), 19_000)
    assert.deepEqual((await states()).address, { state: 'waiting', retryAt: at + 20_000 })
    clock.advance(19_000)
    assert.equal(await judge(tools, { email: 'another@example.com', address }), 'open')
    assert.deepEqual((await states()).address, counting)
    await fail(tools, { address })
    assert.equal(await judge(tools, { address: '192.0.2.9' }), 4_000)
    assert.deepEqual((await states()).account, { state: 'locked', retryAt: null })
    assert.deepEqual((await states())['account-at-address'], counting)
    for (let count = 0; count < 3; count++) {
      clock.advance(60_000)
      await fail(tools, { address, isKnownAddress: true })
    }
    assert.deepEqual((await states())['account-at-address'], { state: 'locked', retryAt: null })
  })

  test('guesses that found no place count against their address as wrong ones do, but not where the account is known', async () => {
    const tools = open({ loginFailuresPerAddressMinute: 3 })
    const attempt = { email: 'seller@example.com', address: '192.0.2.1', isKnownAddress: false }
    for (let count = 0; count < 5; count++) tools.throttle.countTurnedAway({ ...attempt, isKnownAddress: true })
    assert.equal(await judge(tools, attempt), 'open')
    for (let count = 0; count < 2; count++) tools.throttle.countTurnedAway(attempt)
    assert.equal(await judge(tools, attempt), 'open')
    tools.throttle.countTurnedAway(attempt)
    assert.equal(await judge(tools, attempt), 20_000)
    assert.equal(await judge(tools, { ...attempt, isKnownAddress: true }), 'open')
    assert.equal(await judge(tools, { ...attempt, address: '192.0.2.2' }), 'open')
    // Bounded by a minute, however many they are.
    for (let count = 0; count < 50; count++) tools.throttle.countTurnedAway(attempt)
    assert.equal(await judge(tools, attempt), 20_000)
    tools.clock.advance(20_000)
    assert.equal(await judge(tools, attempt), 'open')
  })

  test('counters are kept for a day, a week, or ten years, those of addresses for an hour', async (context) => {
    const kept: number[][] = []
    const tools = open({ loginBackoffAfter: 2, loginLockAfter: 3 })
    const { fail: write } = subject.store.throttles
    context.mock.method(subject.store.throttles, 'fail', (...args: Parameters<typeof write>) => {
      kept.push([args[0].length, args[1].expiresAt - tools.clock.now()])
      return write(...args)
    })
    const [day, hour] = [86_400_000, 3_600_000]
    for (let count = 0; count < 3; count++) {
      await fail(tools)
      tools.clock.advance(60_000)
    }
    await tools.throttle.lock('other@example.com', { at: 0, kind: 'seller.locked', surface: 'cli' })
    const expected = [day, hour, 7 * day, hour, 3_650 * day, hour, 3_650 * day]
    assert.deepEqual(
      kept,
      expected.map((ms) => [1, ms]),
    )
    assert.equal(await judge(tools, { email: 'other@example.com', address: '192.0.2.77' }), 'locked')
  })

  test('processes on one store share the secret of the keys, which no other store has', async () => {
    const settings = { loginBackoffAfter: 5, loginLockAfter: 100, loginFailuresPerAddressMinute: 60 }
    const sealer = new Sealer(randomBytes(32))
    const [one, two] = await Promise.all(
      [0, 1].map(() => LoginThrottle.open({ store: subject.store, sealer, clock: new ManualClock(), settings })),
    )
    assert.equal(one?.addressKey('192.0.2.1'), two?.addressKey('192.0.2.1'))
    assert.notEqual(one?.addressKey('192.0.2.1'), open().throttle.addressKey('192.0.2.1'))
  })

  test('a store that cannot count blocks nobody', async (context) => {
    const tools = open({ loginBackoffAfter: 1 })
    const broken = context.mock.method(subject.store.throttles, 'fail', () => Promise.reject(new Error('gone')))
    const admission = await tools.admit()
    await assert.rejects(admission.fail(), /gone/)
    broken.mock.restore()
    assert.equal(await judge(tools), 'open')
  })
})
