import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FailureKind, withRetries } from '../../src/store/retry.ts'

class Failure extends Error {
  readonly trouble: FailureKind

  constructor(trouble: FailureKind) {
    super(trouble)
    this.trouble = trouble
  }
}

const judge = (error: unknown): FailureKind => (error instanceof Failure ? error.trouble : 'fault')

test('contention is retried until it has passed [check 78]', async () => {
  let attempts = 0
  const outcome = await withRetries(judge, async () => {
    attempts++
    if (attempts < 4) throw new Failure('contention')
    return 'done'
  })
  assert.deepEqual([outcome, attempts], ['done', 4])
})

test('a store failure is store_unavailable, at once, with its cause', async () => {
  const failure = new Failure('unavailable')
  let attempts = 0
  const work = () => {
    attempts++
    return Promise.reject(failure)
  }
  await assert.rejects(withRetries(judge, work), { key: 'store_unavailable', details: { retryAfterMs: 1000 }, cause: failure })
  assert.equal(attempts, 1)
})

test('our own fault is thrown unchanged', async () => {
  const failure = new TypeError('a mistake')
  await assert.rejects(
    withRetries(judge, () => Promise.reject(failure)),
    failure,
  )
})
