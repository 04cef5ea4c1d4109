import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OneAtATime } from '../../../src/core/base/one-at-a-time.ts'

test('work comes one after another, in order, also after one that failed; too much is refused', async () => {
  const queue = new OneAtATime(2)
  const running: string[] = []
  const done: string[] = []
  const start = (name: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const ended = queue.run(async () => {
      running.push(name)
      await promise
      done.push(name)
    })
    return { ended, resolve, reject }
  }
  const [a, b, c] = [start('a'), start('b'), start('c')]
  await assert.rejects(start('d').ended, { key: 'overloaded' })
  for (const { resolve } of [c, b]) resolve()
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(running, ['a'])
  a.reject(new Error('a fails'))
  await assert.rejects(a.ended, /a fails/)
  await Promise.all([b.ended, c.ended])
  assert.deepEqual(
    [running, done],
    [
      ['a', 'b', 'c'],
      ['b', 'c'],
    ],
  )
  const e = start('e')
  e.resolve()
  await e.ended
})
