import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayError } from '@lobbykey/contract'
import { answerInTime, inTime } from '../../src/http/answer-in-time.ts'

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

test('after 4.7 s a caller is told once that the store is unavailable, and the late answer is dropped [check 83]', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let now = 1_000
  t.mock.method(performance, 'now', () => now)
  const heard: GatewayError[] = []
  const quick = answerInTime((error) => heard.push(error))
  const slow = answerInTime((error) => heard.push(error))
  assert.equal(quick.end(), true)
  now += 4_600
  t.mock.timers.tick(100)
  await nextTurn()
  assert.equal(heard.length, 0)
  now += 200
  t.mock.timers.tick(100)
  await nextTurn()
  assert.deepEqual(
    heard.map(({ key, details }) => [key, details.retryAfterMs]),
    [['store_unavailable', 1_000]],
  )
  assert.equal(slow.end(), false)
})

test('a result in time is returned, a late one is replaced by a refusal [check 83]', async (t) => {
  assert.equal(await inTime(Promise.resolve('done')), 'done')
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const refused = assert.rejects(inTime(new Promise(() => {})), { key: 'store_unavailable', details: { retryAfterMs: 1_000 } })
  t.mock.timers.tick(5_000)
  await refused
})
