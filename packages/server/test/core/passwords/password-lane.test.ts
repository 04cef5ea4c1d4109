import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { isGatewayError } from '@lobbykey/contract'
import { PasswordLane } from '../../../src/core/passwords/password-lane.ts'
import { ManualClock } from '../../support/manual-clock.ts'

function openLane(options: { width?: number; queueMax?: number; msMax?: number } = {}) {
  const clock = new ManualClock()
  const lane = new PasswordLane({
    clock,
    passwordLaneWidth: options.width ?? 2,
    passwordQueueMax: options.queueMax ?? 3,
    passwordQueueMsMax: options.msMax ?? 800,
  })
  const begun: string[] = []
  const ends = new Map<string, (value: string) => void>()
  /** A job that runs until `end(name)`. */
  const run = (name: string, signal = new AbortController().signal) =>
    lane
      .run(() => {
        begun.push(name)
        return new Promise<string>((resolve) => ends.set(name, resolve))
      }, lane.patience(signal))
      .catch((error: unknown) => (isGatewayError(error) ? error.key : String(error)))
  const end = async (name: string) => {
    await setImmediate()
    ends.get(name)?.(name)
    await setImmediate()
  }
  return { clock, lane, begun, run, end }
}

test('[check 40] as many jobs as the lane is wide run at once, the others in order of arrival', async () => {
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

test('[check 40] what does not fit in the queue is busy at once, and says when to come again', async () => {
  const { lane, begun, run, end } = openLane({ queueMax: 1 })
  const jobs = ['a', 'b', 'c'].map((name) => run(name))
  await assert.rejects(
    lane.run(async () => begun.push('never'), lane.patience(new AbortController().signal)),
    (error) => isGatewayError(error) && error.key === 'login_busy' && (error.details.retryAfterMs ?? 0) >= 1_000,
  )
  for (const name of ['a', 'b', 'c']) await end(name)
  assert.deepEqual(await Promise.all(jobs), ['a', 'b', 'c'])
})

test('[check 40] who would not get its turn in time is busy at the door, as long as jobs take what they took', async () => {
  const { clock, lane, run, end } = openLane({ width: 1, queueMax: 100 })
  const enter = () => lane.enter(lane.patience(new AbortController().signal))
  const job = async (ms: number) => {
    const leave = enter()
    const done = run('job')
    await setImmediate()
    clock.advance(ms)
    await end('job')
    leave()
    assert.equal(await done, 'job')
  }
  await job(300)
  // The third would wait for 600 ms, the fourth for 900.
  const leaves = [enter(), enter(), enter()]
  assert.throws(enter, (error) => isGatewayError(error) && error.key === 'login_busy' && (error.details.retryAfterMs ?? 0) >= 1_000)
  for (const leave of leaves) leave()
  // However long the last ones took, an empty lane has room.
  await job(60_000)
  enter()()
})

test('[check 40] no more enter than the lane and its queue hold', () => {
  const { lane } = openLane({ width: 2, queueMax: 1 })
  const enter = () => lane.enter(lane.patience(new AbortController().signal))
  const leaves = [enter(), enter(), enter()]
  assert.throws(enter, /login_busy|busy/i)
  leaves[0]?.()
  enter()
})

test('[check 40] nobody waits longer than the deadline', async () => {
  const { clock, begun, run, end } = openLane({ width: 1 })
  const first = run('first')
  const late = run('late')
  clock.advance(1)
  const inTime = run('in time')
  clock.advance(800)
  await end('first')
  assert.equal(await first, 'first')
  assert.equal(await late, 'login_busy')
  assert.deepEqual(begun, ['first', 'in time'])
  await end('in time')
  assert.equal(await inTime, 'in time')
})

test('expired jobs make room for a new one', async () => {
  const { clock, run, end } = openLane({ width: 1, queueMax: 1 })
  const jobs = [run('a'), run('b')]
  clock.advance(801)
  const next = run('c')
  assert.equal(await jobs[1], 'login_busy')
  await end('a')
  await end('c')
  assert.deepEqual(await Promise.all([jobs[0], next]), ['a', 'c'])
})

test('a job whose caller is gone is never begun', async () => {
  const { begun, run, end } = openLane({ width: 1 })
  const caller = new AbortController()
  const jobs = [run('a'), run('b', caller.signal), run('c')]
  caller.abort()
  assert.match((await jobs[1]) ?? '', /AbortError/)
  await end('a')
  assert.deepEqual(begun, ['a', 'c'])
  await end('c')
  const gone = new AbortController()
  gone.abort()
  assert.match(await run('d', gone.signal), /AbortError/)
  assert.deepEqual(begun, ['a', 'c'])
})

test('a job that fails gives its place back', async () => {
  const { lane, run, end } = openLane({ width: 1 })
  await assert.rejects(
    lane.run(() => Promise.reject(new Error('broken')), lane.patience(new AbortController().signal)),
    /broken/,
  )
  const job = run('a')
  await setImmediate()
  await end('a')
  assert.equal(await job, 'a')
})
