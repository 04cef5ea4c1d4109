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
  const { lane, begun, run, end } = openLane()
  const jobs = ['a', 'b', 'c', 'd', 'e'].map((name) => run(name, { isKnown: name === 'd' || name === 'c' }))
  await setImmediate()
  assert.deepEqual([begun, lane.running, lane.waiting], [['a', 'b'], 2, 3])
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

test('[check 42] whose hash is being computed keeps its place when its time is over; who waits for a second one does not', async () => {
  const { clock, lane, enter, runIn, run, end } = openLane({ width: 1, queueMax: 0 })
  const known = run('known', { isKnown: true })
  await setImmediate()
  clock.advance(801)
  assert.equal(lane.hasRoom, false)
  await end('known')
  assert.equal(await known, 'known')

  const queued = openLane({ width: 1, queueMax: 1 })
  const jobs = ['a', 'b'].map((name) => queued.run(name, { isKnown: true }))
  await queued.end('a')
  queued.clock.advance(801)
  assert.deepEqual([queued.begun, queued.lane.hasRoom, queued.lane.sources], [['a', 'b'], true, 1])
  await queued.end('b')
  assert.deepEqual(await Promise.all(jobs), ['a', 'b'])

  const two = openLane({ width: 1, queueMax: 1 })
  const place = two.enter({ isKnown: true })
  await Promise.all([two.runIn(place, 'first'), two.end('first')])
  const other = two.run('other', { isKnown: true })
  const second = two.runIn(place, 'second')
  two.clock.advance(801)
  assert.equal(two.lane.hasRoom, true)
  assert.equal(await second, 'login_busy')
  await two.end('other')
  await other
  await Promise.all([runIn(enter(), 'again'), end('again')])
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
  const { lane, enter } = openLane({ width: 2, queueMax: 1 })
  const places = [enter(), enter(), enter()]
  assert.equal(lane.refusedCount, 0)
  assert.throws(enter, isBusy)
  places[0]?.leave()
  places[0]?.leave()
  assert.equal(lane.sources, 2)
  enter()
  assert.throws(enter, isBusy)
  assert.equal(lane.refusedCount, 2)
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

test('[check 40] before a stranger come all known callers that wait', async () => {
  const { clock, run, end, drain } = openLane({ width: 1 })
  const first = run('first')
  await setImmediate()
  clock.advance(300)
  await end('first')
  await first
  const running = run('running')
  const known = ['k1', 'k2'].map((name) => run(name, { isKnown: true }))
  assert.equal(await run('behind two'), 'login_busy')
  await drain()
  await Promise.all([running, ...known])
})

test('[check 40] of several recent jobs the mean decides, in which the last has a tenth', async () => {
  const { clock, run, end, drain } = openLane({ width: 2 })
  for (const [name, ms] of [
    ['first', 400],
    ['second', 200],
  ] as const) {
    const job = run(name)
    await setImmediate()
    clock.advance(ms)
    await end(name)
    await job
  }
  // 380 ms each, two at once: the fifth to wait would come too late.
  const jobs = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => run(name))
  await drain()
  assert.deepEqual(await Promise.all(jobs), ['a', 'b', 'c', 'd', 'e', 'f', 'login_busy'])
})

test('[check 40] a turn at the last millisecond is in time', async () => {
  const { clock, run, end, drain } = openLane({ width: 1 })
  const first = run('first')
  await setImmediate()
  clock.advance(400)
  await end('first')
  await first
  const jobs = ['a', 'b', 'c', 'd'].map((name) => run(name))
  await drain()
  assert.deepEqual(await Promise.all(jobs), ['a', 'b', 'c', 'login_busy'])
})

test('how long jobs take is observed, also of those that fail', async () => {
  const { lane, enter } = openLane()
  const begun = performance.now()
  await enter().run(async () => {})
  await assert.rejects(enter().run(() => Promise.reject(new Error('broken'))))
  const { counts, sum } = lane.durations
  assert.equal(
    counts.reduce((all, count) => all + count),
    2,
  )
  assert.ok(sum >= 0 && sum <= performance.now() - begun, `${sum} ms`)
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
  const { lane, begun, run, enter, end } = openLane({ width: 1 })
  const caller = new AbortController()
  const early = new AbortController()
  const jobs = [run('a'), run('b', { signal: caller.signal }), run('c')]
  const gives = run('d', { signal: early.signal })
  await setImmediate()
  early.abort()
  assert.match(await gives, /AbortError/)
  assert.equal(lane.waiting, 2)
  caller.abort()
  // Before the one that left is told.
  await end('a')
  assert.match((await jobs[1]) ?? '', /AbortError/)
  assert.deepEqual(begun, ['a', 'c'])
  await end('c')
  const gone = new AbortController()
  gone.abort()
  assert.throws(() => enter({ signal: gone.signal }), { name: 'AbortError' })
  const hangsUp = new AbortController()
  const left = enter({ signal: hangsUp.signal })
  left.leave()
  hangsUp.abort()
  assert.equal(left.patience.signal.aborted, false)
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

test('[check 40] while no other waits an address may have every place; then it gives up strangers first, the newest first', async () => {
  const { run, enter, end } = openLane({ width: 1, queueMax: 19 })
  const running = run('running')
  await setImmediate()
  const places = Array.from({ length: 19 }, (_, index) => enter({ source: 'one', isKnown: index > 2 && index < 10 }))
  const givenUp = () => places.flatMap(({ patience: { signal } }, index) => (signal.aborted ? [index] : []))
  assert.deepEqual(givenUp(), [])
  enter({ source: 'other' })
  // The share is five: two of seven known callers have to go, too.
  assert.deepEqual(givenUp(), [0, 1, 2, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18])
  await end('running')
  await running
})

test('[check 40] whoever has most gives way, wherever it stands in the queue', () => {
  for (const order of ['aaab', 'baaa', 'abaa']) {
    const { enter } = openLane({ width: 1, queueMax: 3 + 12 })
    for (let n = 0; n < 12; n++) enter({ isKnown: true })
    const places = [...order].map((source) => enter({ source }))
    enter({ isKnown: true })
    const left = places.map(({ patience: { signal } }, index) => (signal.aborted ? '-' : order[index])).join('')
    assert.equal(left, order.replace(/a(?=[^a]*$)/, '-'))
  }
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
  const { run, enter, drain } = openLane({ width: 1, queueMax: 4 })
  const jobs = ['a', 'b', 'c', 'd', 'e'].map((name) => run(name, { isKnown: true }))
  assert.throws(() => enter({ isKnown: true }), isBusy)
  assert.throws(() => enter(), isBusy)
  await drain()
  assert.deepEqual(await Promise.all(jobs), ['a', 'b', 'c', 'd', 'e'])
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
  assert.deepEqual(await drain(), ['old password', 's1', 'known', 'new password', 'known 2'])
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
  const { clock, begun, enter, run, end } = openLane({ width: 1 })
  const jobs = ['running', 'expired'].map((name) => run(name))
  clock.advance(801)
  await end('running')
  assert.deepEqual([await Promise.all(jobs), begun], [['running', 'login_busy'], ['running']])
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
  // A quarter of 22 places, rounded down.
  const { enter } = openLane({ width: 2, queueMax: 20 })
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
