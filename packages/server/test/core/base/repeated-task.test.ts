import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RepeatedTask } from '../../../src/core/base/repeated-task.ts'

test('work is never done twice at once, and stopping waits for what goes on', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const ends: (() => void)[] = []
  const task = new RepeatedTask(1_000, () => new Promise((resolve) => ends.push(resolve)))
  task.start()
  t.mock.timers.tick(999)
  assert.equal(ends.length, 0)
  t.mock.timers.tick(3_001)
  assert.equal(ends.length, 1)
  ends[0]?.()
  await new Promise((resolve) => setImmediate(resolve))
  t.mock.timers.tick(1_000)
  assert.equal(ends.length, 2)
  let isStopped = false
  const stopped = task.stop().then(() => {
    isStopped = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isStopped, false)
  ends[1]?.()
  await stopped
  t.mock.timers.tick(5_000)
  assert.equal(ends.length, 2)
})
