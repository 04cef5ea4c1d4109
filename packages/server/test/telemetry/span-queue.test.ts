import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { SpanQueue } from '../../src/telemetry/span-queue.ts'

const some = (count: number) => Array.from({ length: count }, () => ({}) as ReadableSpan)

test('a slow collector holds up nothing and takes no more memory: what finds no room is dropped and counted', async () => {
  const answered = Promise.withResolvers<void>()
  const batches: number[] = []
  const queue = new SpanQueue(
    (batch) => {
      batches.push(batch.length)
      return answered.promise
    },
    () => assert.fail('nothing fails'),
  )
  for (let call = 0; call < 1_000; call++) queue.add(some(5))
  // One batch of 512 or a little more is under way, 2048 wait.
  assert.deepEqual(batches, [512])
  assert.equal(queue.droppedCount, 5_000 - 512 - 2_048)
  answered.resolve()
  await queue.close()
  assert.deepEqual(batches, [512, 512, 512, 512, 512])
  assert.equal(queue.sentCount, 512 + 2_048)
})

test('a collector that is away is asked every five seconds, however much waits, and again when it is back', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let isAway = true
  let asked = 0
  let heard = Promise.withResolvers<void>()
  const errors: unknown[] = []
  const queue = new SpanQueue(
    async () => {
      asked++
      if (isAway) throw new Error('away')
    },
    (error) => {
      errors.push(error)
      heard.resolve()
    },
  )
  queue.add(some(512))
  await heard.promise
  for (let round = 2; round <= 4; round++) {
    for (let call = 0; call < 100; call++) queue.add(some(20))
    await new Promise(setImmediate)
    assert.equal(asked, round - 1)
    heard = Promise.withResolvers()
    t.mock.timers.tick(5_000)
    await heard.promise
  }
  assert.equal(errors.length, 4)
  isAway = false
  await queue.close()
  assert.equal(queue.sentCount + queue.droppedCount, 512 + 3 * 2_000)
  assert.ok(queue.sentCount > 0)
})
