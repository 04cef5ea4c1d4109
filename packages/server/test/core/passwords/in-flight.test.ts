import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { InFlightCounters } from '../../../src/core/passwords/in-flight.ts'

test('a counter is shared while anybody has it open, and a new one afterwards', () => {
  const counters = new InFlightCounters()
  const [first, second, other] = [counters.open('a'), counters.open('a'), counters.open('b')]
  assert.equal(first, second)
  assert.notEqual(first, other)
  assert.deepEqual([first.key, other.key], ['a', 'b'])
  counters.close(first)
  assert.equal(counters.open('a'), second)
  counters.close(first)
  assert.equal(counters.size, 2)
  counters.close(second)
  counters.close(other)
  assert.equal(counters.size, 0)
  assert.notEqual(counters.open('a'), first)
})

test('closing a counter that is not open changes nothing', () => {
  const counters = new InFlightCounters()
  const counter = counters.open('a')
  counters.close(counter)
  counters.close(counter)
  assert.equal(counters.size, 0)
})

test('a decision is counted and wakes everybody who waits for one, once', async () => {
  const counter = new InFlightCounters().open('a')
  counter.underWay = 2
  let woken = 0
  const wait = () => counter.nextSettled().then(() => woken++)
  const waiting = [wait(), wait()]
  counter.settle()
  await Promise.all(waiting)
  assert.deepEqual([counter.underWay, counter.settledCount, woken], [1, 1, 2])
  counter.settle()
  await turn()
  assert.deepEqual([counter.underWay, counter.settledCount, woken], [0, 2, 2])
})

test('turns of one key come one after another in order of arrival, those of others at once', async () => {
  const counters = new InFlightCounters()
  const begun: string[] = []
  const queue = async (name: string, key = 'a') => {
    const end = await counters.queue(key)
    begun.push(name)
    return end
  }
  const counter = counters.open('a')
  const [first, second] = [queue('first'), queue('second')]
  const other = queue('other', 'b')
  await turn()
  assert.deepEqual(begun, ['first', 'other'])
  assert.equal(counters.size, 3, 'a counter and two queues')
  ;(await first)()
  await turn()
  assert.deepEqual(begun, ['first', 'other', 'second'])
  // The first has ended; one that comes now still waits for the second.
  const third = queue('third')
  await turn()
  assert.deepEqual(begun, ['first', 'other', 'second'])
  ;(await second)()
  ;(await third)()
  ;(await other)()
  assert.deepEqual(begun, ['first', 'other', 'second', 'third'])
  counters.close(counter)
  assert.equal(counters.size, 0)
})
