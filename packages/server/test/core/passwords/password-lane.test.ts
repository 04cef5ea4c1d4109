import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { isGatewayError } from '@lobbykey/contract'
import { type Entrant, PasswordLane, type Place } from '../../../src/core/passwords/password-lane.ts'
import { ManualClock } from '../../support/manual-clock.ts'

interface Who {
  readonly source?: string
  readonly isKnown?: boolean
  readonly signal?: AbortSignal
}

function openLane(options: { width?: number; queueMax?: number; msMax?: number } = {}) {
  const clock = new ManualClock()
  const lane = new PasswordLane({
    clock,
    passwordLaneWidth: options.width ?? 2,
    passwordQueueMax: options.queueMax ?? 100,
    passwordQueueMsMax: options.msMax ?? 800,
  })
  let sources = 0
  /** From a separate address unless one is given. */
  const enter = ({ source = `address ${++sources}`, isKnown = false, signal = new AbortController().signal }: Who = {}) =>
    lane.enter({ patience: lane.patience(signal), source, isKnown })
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  /** A job that runs until `end(name)`. */
  const runIn = (place: Place, name: string) =>
    place
      .run(() => {
        begun.push(name)
        return new Promise<string>((resolve) => ends.set(name, () => resolve(name)))
      })
      .catch((error: unknown) => (isGatewayError(error) ? error.key : String(error)))
  const run = async (name: string, who: Who = {}) => {
    let place: Place | undefined
    try {
      place = enter(who)
      return await runIn(place, name)
    } catch (error) {
      return isGatewayError(error) ? error.key : String(error)
    } finally {
      place?.leave()
    }
  }
  const end = async (name: string) => {
    await setImmediate()
    ends.get(name)?.()
    await setImmediate()
  }
  /** Ends running jobs until none is left. @returns the order in which jobs began */
  const drain = async () => {
    await setImmediate()
    for (let next = 0; next < begun.length; next++) await end(begun[next] as string)
    return begun
  }
  return { clock, lane, begun, enter, run, runIn, end, drain }
}

const isBusy = (error: unknown) => isGatewayError(error) && error.key === 'login_busy' && (error.details.retryAfterMs ?? 0) >= 1_000

test('[check 40] as many jobs run at once as the lane is wide, the others in order of arrival', async () => {
  const { begun, run, end } = openLane()
  const jobs = ['a', 'b', 'c', 'd', 'e'].map((name) => run(name))
  await setImmediate()
  assert.deepEqual(begun, ['a', 'b'])
  await end('b')
  assert.deepEqual(begun, ['a', 'b', 'c'])
  await end('a')
  assert.deepEqual(begun, ['a', 'b', 'c', 'd'])
  for (const name of ['c', 'd', 'e']) await end(name)
  assert.deepEqual(await Promise.all(jobs), ['a', 'b', 'c', 'd', 'e'])
})

test('[check 42] there is room while a place is free or a stranger would give way', async () => {
  const { lane, enter, run, drain } = openLane({ width: 1, queueMax: 1 })
  const running = run('stranger')
  assert.equal(lane.hasRoom, true)
  const waiting = enter()
  assert.equal(lane.hasRoom, true)
  const known = enter({ isKnown: true })
  assert.ok(waiting.patience.signal.aborted)
  assert.equal(lane.hasRoom, false)
  known.leave()
  assert.equal(lane.hasRoom, true)
  await drain()
  await running
})

test('[check 42] whose time is over leaves room', () => {
  const { clock, lane, enter } = openLane({ width: 1, queueMax: 0 })
  enter({ isKnown: true })
  assert.equal(lane.hasRoom, false)
  clock.advance(801)
  assert.equal(lane.hasRoom, true)
})

test("[check 40] the time of a known caller begins with its place, a stranger's with its arrival", async () => {
  const { clock, lane, runIn } = openLane({ width: 1 })
  const [known, stranger] = [true, false].map((isKnown) => {
    const patience = lane.patience(new AbortController().signal)
    return { patience, source: `192.0.2.${isKnown ? 1 : 2}`, isKnown }
  }) as [Entrant, Entrant]
  clock.advance(801)
  assert.throws(() => lane.enter(stranger), isBusy)
  const place = lane.enter(known)
  clock.advance(801)
  assert.equal(await runIn(place, 'late'), 'login_busy')
})

test('[check 40] after slow jobs a stranger is refused at once, and a known caller waits', async () => {
  const { clock, run, end } = openLane({ width: 1 })
  const slow = run('slow')
  await setImmediate()
  clock.advance(801)
  await end('slow')
  await slow
  const running = run('running')
  assert.equal(await run('stranger'), 'login_busy')
  const known = run('known', { isKnown: true })
  await end('running')
  await end('known')
  assert.deepEqual(await Promise.all([running, known]), ['running', 'known'])
})

test('[check 40] the lane and its queue are bounded; further callers are told at once when to retry', () => {
  const { enter } = openLane({ width: 2, queueMax: 1 })
  const places = [enter(), enter(), enter()]
  assert.throws(enter, isBusy)
  places[0]?.leave()
  places[0]?.leave()
  enter()
  assert.throws(enter, isBusy)
})

test('[check 40] a caller whose turn would come too late is refused at once, judging by recent jobs', async () => {
  const { clock, run, end, drain } = openLane({ width: 1 })
  const first = run('first')
  await setImmediate()
  clock.advance(300)
  await end('first')
  assert.equal(await first, 'first')
  // The third would wait for 600 ms, the fourth for 900; a known caller goes before them all.
  const jobs = ['a', 'b', 'c', 'd'].map((name) => run(name))
  assert.equal(await jobs[3], 'login_busy')
  const known = run('known', { isKnown: true })
  await drain()
  assert.deepEqual(await Promise.all([...jobs.slice(0, 3), known]), ['a', 'b', 'c', 'known'])
})

test('[check 40] a place without a hash delays nobody', async () => {
  const { clock, run, enter, end } = openLane({ width: 1 })
  const slow = run('slow')
  await setImmediate()
  await setImmediate()
  clock.advance(700)
  await end('slow')
  assert.equal(await slow, 'slow')
  for (let n = 0; n < 50; n++) enter()
  const job = run('job')
  await end('job')
  assert.equal(await job, 'job')
})

test('[check 40] nobody waits beyond the deadline, and expired places are freed', async () => {
  const { clock, begun, run, end } = openLane({ width: 1, queueMax: 2 })
  const first = run('first')
  const late = run('late')
  clock.advance(1)
  const inTime = run('in time')
  assert.equal(await run('too many'), 'login_busy')
  clock.advance(800)
  const next = run('next')
  assert.equal(await late, 'login_busy')
  await end('first')
  assert.equal(await first, 'first')
  assert.deepEqual(begun, ['first', 'in time'])
  await end('in time')
  await end('next')
  assert.deepEqual(await Promise.all([inTime, next]), ['in time', 'next'])
})

test('a job whose caller is gone never begins', async () => {
  const { begun, run, enter, end } = openLane({ width: 1 })
  const caller = new AbortController()
  const jobs = [run('a'), run('b', { signal: caller.signal }), run('c')]
  caller.abort()
  // Before the one that left is told.
  await end('a')
  assert.match((await jobs[1]) ?? '', /AbortError/)
  assert.deepEqual(begun, ['a', 'c'])
  await end('c')
  const gone = new AbortController()
  gone.abort()
  assert.throws(() => enter({ signal: gone.signal }), { name: 'AbortError' })
  const leaving = new AbortController()
  const place = enter({ signal: leaving.signal })
  leaving.abort()
  await assert.rejects(
    place.run(async () => {}),
    { name: 'AbortError' },
  )
})

test('a failed job returns its turn', async () => {
  const { enter, run, end } = openLane({ width: 1 })
  const place = enter()
  await assert.rejects(
    place.run(() => Promise.reject(new Error('broken'))),
    /broken/,
  )
  const job = run('a')
  await end('a')
  assert.equal(await job, 'a')
})

test('addresses take turns, however many jobs one has', async () => {
  const { run, drain } = openLane({ width: 1 })
  const jobs = ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1'].map((name) => run(name, { source: name.charAt(0) }))
  assert.deepEqual(await drain(), ['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4'])
  await Promise.all(jobs)
})

test('known callers go before strangers, three in a row; then a stranger has its turn', async () => {
  const { run, drain } = openLane({ width: 1 })
  const strangers = ['s1', 's2', 's3'].map((name) => run(name))
  const known = ['k1', 'k2', 'k3', 'k4', 'k5'].map((name) => run(name, { isKnown: true }))
  assert.deepEqual(await drain(), ['s1', 'k1', 'k2', 'k3', 's2', 'k4', 'k5', 's3'])
  await Promise.all([...strangers, ...known])
})

test('[check 40] while others wait no address has more than a quarter of the places', async () => {
  const { run, enter, drain } = openLane({ width: 2, queueMax: 18 })
  const many = Array.from({ length: 20 }, (_, index) => run(`many ${index}`, { source: 'one' }))
  const other = run('other')
  // Two run; of the waiting ones the newest make room for newcomers.
  const outcomes = Promise.all(many)
  for (let n = 0; n < 3; n++) assert.throws(() => enter({ source: 'one' }), isBusy)
  await drain()
  assert.equal(await other, 'other')
  assert.deepEqual(
    (await outcomes).map((outcome) => outcome !== 'login_busy'),
    many.map((_, index) => index < 5),
  )
})

test('[check 40] a full lane: a known caller gets the place of the stranger with the most; a stranger takes from one with more than itself', async () => {
  const { run, enter, drain } = openLane({ width: 2, queueMax: 18 })
  // Five addresses with four places each.
  const floods = Array.from({ length: 20 }, (_, index) => run(`flood ${index}`, { source: `flood ${index % 5}` }))
  const known = ['k1', 'k2', 'k3'].map((name) => run(name, { isKnown: true }))
  const stranger = run('stranger')
  for (let n = 0; n < 5; n++) assert.throws(() => enter({ source: `flood ${n}` }), isBusy)
  await drain()
  assert.deepEqual(await Promise.all([...known, stranger]), ['k1', 'k2', 'k3', 'stranger'])
  assert.equal((await Promise.all(floods)).filter((outcome) => outcome === 'login_busy').length, 4)
})

test('[check 40] a known caller is never evicted, and finds a lane full of known ones busy', async () => {
  const { run, enter, drain } = openLane({ width: 1, queueMax: 3 })
  const jobs = ['a', 'b', 'c', 'd'].map((name) => run(name, { isKnown: true }))
  assert.throws(() => enter({ isKnown: true }), isBusy)
  assert.throws(() => enter(), isBusy)
  await drain()
  assert.deepEqual(await Promise.all(jobs), ['a', 'b', 'c', 'd'])
})

test('a caller that has had a turn keeps its place, and once proven goes before strangers', async () => {
  const { run, enter, runIn, drain, end } = openLane({ width: 1, queueMax: 3 })
  const place = enter()
  const first = runIn(place, 'old password')
  await end('old password')
  await first
  place.prove()
  const strangers = ['s1', 's2'].map((name) => run(name))
  const known = run('known', { isKnown: true })
  const second = runIn(place, 'new password')
  const more = run('known 2', { isKnown: true })
  assert.equal(await strangers[1], 'login_busy')
  await drain()
  assert.deepEqual(await Promise.all([strangers[0], known, second, more]), ['s1', 'known', 'new password', 'known 2'])
  place.leave()
})

test('[check 40] a newcomer also waits when a waiting job has begun', async () => {
  const { begun, run, end } = openLane({ width: 1 })
  const jobs = [run('a'), run('b')]
  await end('a')
  jobs.push(run('c'))
  await setImmediate()
  assert.deepEqual(begun, ['a', 'b'])
  for (const name of ['b', 'c']) await end(name)
  assert.deepEqual(await Promise.all(jobs), ['a', 'b', 'c'])
})

test('[check 40] an expired place computes nothing, one at its last millisecond still does', async () => {
  const { clock, enter } = openLane({ width: 1 })
  const place = enter()
  clock.advance(800)
  assert.equal(await place.run(async () => 'in time'), 'in time')
  clock.advance(1)
  await assert.rejects(
    place.run(async () => 'late'),
    isBusy,
  )
})

test("[check 40] returned places no longer count against an address's share", () => {
  const { enter } = openLane({ width: 2, queueMax: 18 })
  const places = Array.from({ length: 5 }, () => enter({ source: 'one' }))
  enter()
  assert.throws(() => enter({ source: 'one' }), isBusy)
  places[0]?.leave()
  places[0]?.leave()
  places.push(enter({ source: 'one' }))
  assert.throws(() => enter({ source: 'one' }), isBusy)
  for (const place of places) place.leave()
  for (let n = 0; n < 5; n++) enter({ source: 'one' })
  assert.throws(() => enter({ source: 'one' }), isBusy)
})
