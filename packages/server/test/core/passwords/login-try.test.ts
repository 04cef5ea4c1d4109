import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { GatewayError } from '@lobbykey/contract'
import { InFlightCounters } from '../../../src/core/passwords/in-flight.ts'
import { type Counters, LoginTry } from '../../../src/core/passwords/login-try.ts'
import type { Throttle } from '../../../src/store/store.ts'
import { ManualClock } from '../../support/manual-clock.ts'

/** Counters in memory with a fixed room: what the throttle decides about them is tested with the throttle. */
function open(room: { account: number; address: number }, failures: number | null = null) {
  const clock = new ManualClock()
  const registry = new InFlightCounters()
  const log: string[] = []
  let refusal: Error | null = null
  const row = (key: string): Throttle | undefined =>
    failures === null ? undefined : { key, failures, lastFailedAt: clock.now(), tat: clock.now() }
  const counters = (account: string, address: string): Counters => ({
    account,
    address,
    clock,
    read: async () => {
      log.push('read')
      await turn()
      return { account: row(account), address: row(address) }
    },
    judge: (rows) => {
      log.push(`judge ${rows.account?.failures}`)
      if (refusal !== null) throw refusal
      return room
    },
    isLocked: (count) => count >= 100,
    fail: async (count) => {
      log.push(`fail ${count}`)
      if (refusal !== null) throw refusal
    },
    clear: async () => {
      log.push('clear')
      if (refusal !== null) throw refusal
    },
  })
  const loginTry = (account = 'account', address = 'address') => new LoginTry(counters(account, address), registry)
  const patience = (ms = 1_000, signal = new AbortController().signal) => ({ since: clock.now(), until: clock.now() + ms, signal })
  const refuse = (error: Error | null) => {
    refusal = error
  }
  return { clock, registry, log, loginTry, patience, refuse }
}

/** Admits a try in the background; `isIn` says whether it has been admitted. */
function admit(loginTry: LoginTry, patience: Parameters<LoginTry['admit']>[0]) {
  const state = { isIn: false, loginTry, done: Promise.resolve() }
  state.done = loginTry.admit(patience).then(() => {
    state.isIn = true
  })
  state.done.catch(() => {})
  return state
}

const settled = async () => {
  for (let i = 0; i < 20; i++) await turn()
}

test('a look reads once and refuses; an admission right after it does not read again', async () => {
  const { log, loginTry, patience, refuse } = open({ account: 1, address: 1 }, 3)
  const one = loginTry()
  await one.look()
  assert.deepEqual(log, ['read', 'judge 3'])
  await one.admit(patience())
  assert.deepEqual(log, ['read', 'judge 3', 'judge 3'])
  one.release()
  refuse(new GatewayError('throttled'))
  const two = loginTry()
  await assert.rejects(two.look(), { key: 'throttled' })
  two.release()
})

test('an admission without a look reads the counters', async () => {
  const { log, loginTry, patience } = open({ account: 1, address: 1 })
  const one = loginTry()
  await one.admit(patience())
  assert.deepEqual(log, ['read', 'judge undefined'])
})

test('as many tries of an account are undecided as it has room for; a decision is read before the next one', async () => {
  const { log, loginTry, patience } = open({ account: 2, address: 9 })
  const [one, two, three] = ['a', 'b', 'c'].map((address) => admit(loginTry('account', address), patience()))
  assert.ok(one && two && three)
  const other = admit(loginTry('another', 'a'), patience())
  await settled()
  assert.deepEqual([one.isIn, two.isIn, three.isIn, other.isIn], [true, true, false, true])
  const before = log.length
  await one.loginTry.fail()
  await settled()
  assert.equal(three.isIn, true)
  assert.deepEqual(log.slice(before), ['fail 0', 'read', 'judge undefined'])
})

test('as many tries from an address are undecided as it has room for', async () => {
  const { log, loginTry, patience } = open({ account: 9, address: 2 })
  const [one, two, three] = ['a', 'b', 'c'].map((account) => admit(loginTry(account), patience()))
  assert.ok(one && two && three)
  await settled()
  assert.deepEqual([one.isIn, two.isIn, three.isIn], [true, true, false])
  const before = log.length
  await two.loginTry.succeed()
  await settled()
  assert.equal(three.isIn, true)
  assert.deepEqual(log.slice(before), ['read', 'judge undefined'])
})

test('[check 42] of many that wait at an address one reads the counters after each decision', async () => {
  const { log, loginTry, patience } = open({ account: 9, address: 1 })
  const waiting = Array.from({ length: 20 }, (_, n) => admit(loginTry(`account ${n}`), patience()))
  await settled()
  log.length = 0
  for (const [n, one] of waiting.entries()) {
    assert.deepEqual(waiting.map(({ isIn }) => isIn).lastIndexOf(true), n)
    await one.loginTry.succeed()
    await settled()
  }
  assert.equal(log.filter((line) => line === 'read').length, waiting.length - 1)
})

test('[check 39] who waits for an account lets others at its address pass, also when its room shrinks while it waits for the address', async () => {
  const room = { account: 2, address: 2 }
  const { loginTry, patience } = open(room)
  const [guess, filler] = [admit(loginTry('attacked'), patience()), admit(loginTry('filler'), patience())]
  await settled()
  const second = admit(loginTry('attacked'), patience())
  const owner = admit(loginTry('another'), patience())
  await settled()
  assert.deepEqual([guess.isIn, filler.isIn, second.isIn, owner.isIn], [true, true, false, false])
  room.account = 1
  await filler.loginTry.succeed()
  await settled()
  assert.deepEqual([second.isIn, owner.isIn], [false, true])
  await guess.loginTry.fail()
  await settled()
  assert.equal(second.isIn, true)
})

test('a decision while the counters are read, of account or address, has them read again', async () => {
  for (const [account, address] of [
    ['account', 'elsewhere'],
    ['another', 'address'],
  ]) {
    const { log, loginTry, patience } = open({ account: 9, address: 9 })
    const first = loginTry(account, address)
    await first.admit(patience())
    log.length = 0
    const second = loginTry()
    const looked = second.look()
    await first.fail()
    await looked
    await second.admit(patience())
    assert.deepEqual(log, ['read', 'fail 0', 'judge undefined', 'read', 'judge undefined'])
  }
})

test('nobody waits beyond their patience, or after hanging up; the turn goes to the next one', async () => {
  const { clock, loginTry, patience } = open({ account: 1, address: 9 })
  const first = admit(loginTry(), patience())
  await settled()
  const [late, next] = [admit(loginTry(), patience(10)), admit(loginTry(), patience())]
  clock.advance(20)
  await first.loginTry.fail()
  await assert.rejects(late.done, { key: 'login_busy' })
  late.loginTry.release()
  await settled()
  assert.equal(next.isIn, true)
  await assert.rejects(loginTry().admit(patience(1_000, AbortSignal.abort(new Error('hung up')))), /hung up/)
})

test('an undecided try counts for nothing and lets the next one in, however often it is released', async () => {
  const { registry, log, loginTry, patience } = open({ account: 1, address: 9 }, 5)
  const [one, two, three] = [admit(loginTry(), patience()), admit(loginTry(), patience()), admit(loginTry(), patience())]
  await settled()
  for (let i = 0; i < 3; i++) one.loginTry.release()
  await settled()
  assert.deepEqual([two.isIn, three.isIn], [true, false])
  assert.ok(!log.some((line) => line.startsWith('fail') || line === 'clear'))
  two.loginTry.release()
  await settled()
  three.loginTry.release()
  assert.equal(registry.size, 0)
})

test('a try released twice does not take the counter from others who have it open', async () => {
  const { loginTry, patience } = open({ account: 2, address: 9 })
  const [one, two] = [admit(loginTry(), patience()), admit(loginTry(), patience())]
  await settled()
  for (let i = 0; i < 3; i++) one.loginTry.release()
  const [three, four] = [admit(loginTry(), patience()), admit(loginTry(), patience())]
  await settled()
  assert.deepEqual([two.isIn, three.isIn, four.isIn], [true, true, false])
})

test('a try that was never admitted leaves no trace', async () => {
  const { registry, loginTry, patience } = open({ account: 1, address: 9 })
  const first = admit(loginTry(), patience())
  await settled()
  const looked = loginTry()
  await looked.look()
  looked.release()
  // It has decided nothing: the next one still waits.
  const next = admit(loginTry(), patience())
  await settled()
  assert.equal(next.isIn, false)
  await first.loginTry.fail()
  await settled()
  assert.equal(next.isIn, true)
  next.loginTry.release()
  assert.equal(registry.size, 0)
})

test('a wrong password counts on top of the failures seen; the right one clears them, if there are any', async () => {
  const wrong = open({ account: 1, address: 9 }, 7)
  const one = wrong.loginTry()
  await one.admit(wrong.patience())
  assert.equal(one.isLocked, false)
  await one.fail()
  assert.equal(wrong.log.at(-1), 'fail 7')

  const right = open({ account: 1, address: 9 }, 1)
  const two = right.loginTry()
  await two.admit(right.patience())
  await two.succeed()
  assert.equal(right.log.at(-1), 'clear')

  const clean = open({ account: 1, address: 9 })
  const three = clean.loginTry()
  await three.admit(clean.patience())
  await three.succeed()
  assert.ok(!clean.log.includes('clear'))

  const locked = open({ account: 1, address: 9 }, 100)
  const four = locked.loginTry()
  assert.equal(four.isLocked, false, 'nothing is known before the admission')
  await four.admit(locked.patience())
  assert.equal(four.isLocked, true)
})

test('counters that cannot be written still let go of the try', async () => {
  for (const decide of ['fail', 'succeed'] as const) {
    const { registry, loginTry, patience, refuse } = open({ account: 1, address: 9 }, 2)
    const one = loginTry()
    await one.admit(patience())
    refuse(new GatewayError('store_unavailable'))
    await assert.rejects(one[decide](), { key: 'store_unavailable' })
    assert.equal(registry.size, 0)
  }
})
