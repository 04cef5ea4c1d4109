import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { isGatewayError } from '@lobbykey/contract'
import { SessionWriter } from '../../../src/core/members/session-writer.ts'
import type { LoginTerms, LoginWrite } from '../../../src/store/store.ts'
import { eachStore } from '../../support/stores.ts'

const terms: LoginTerms = { sessions: 'newest-wins', ticket: null }

/** A login whose digests begin with these bytes. */
function login(token: number[], signature: number[], changes: { userId?: string; agentId?: string; terms?: LoginTerms } = {}): LoginWrite {
  const { userId = `member of ${token} ${signature}`, agentId = 'acme' } = changes
  return {
    request: {
      agentId,
      signature: Uint8Array.from(signature),
      timestamp: 0,
      endpoint: 'login',
      unsignedDigest: new Uint8Array(),
      expiresAt: 1,
    },
    tokenHash: Uint8Array.from(token),
    userId,
    platform: 'web',
    language: 'en',
    currency: 'USD',
    gameCode: null,
    opaque: null,
    now: 0,
    expiresAt: 1,
    terms: changes.terms,
  }
}

/** Unique bytes for each number. */
const bytes = (n: number) => [n & 255, (n >> 8) & 255, (n >> 16) & 255, 0]

eachStore('session writer', (subject) => {
  /** A writer whose batches reach the store when the test releases them. */
  function open(t: TestContext, dialect: 'sqlite' | 'postgres' = 'sqlite') {
    const { memberSessions } = subject.store
    const { login: commit } = memberSessions
    const batches: { logins: readonly LoginWrite[]; commit: () => void }[] = []
    t.mock.method(memberSessions, 'login', async (logins: readonly LoginWrite[]) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      batches.push({ logins, commit: resolve })
      await promise
      return commit(logins)
    })
    const writer = new SessionWriter(memberSessions, dialect)
    const sizes = () => batches.map(({ logins }) => logins.length)
    /** Releases one batch after another until all are answered. No member exists here. */
    const commitAll = async (answers: readonly Promise<unknown>[]) => {
      let isOver = false
      const all = Promise.all(answers).finally(() => {
        isOver = true
      })
      all.catch(() => {})
      while (!isOver) {
        for (const batch of batches) batch.commit()
        await setImmediate()
      }
      for (const outcome of await all) assert.equal(outcome, 'member-not-found')
    }
    return { writer, batches, sizes, commitAll }
  }

  test('simultaneous logins are written together, up to 256', async (t) => {
    const { writer, sizes, commitAll } = open(t)
    const answers = Array.from({ length: 300 }, (_, n) => writer.write(login(bytes(n * 4 + 4), bytes(n * 4 + 40_000))))
    await commitAll(answers)
    assert.deepEqual(sizes(), [256, 44])
  })

  test('SQLite gets one batch at a time, PostgreSQL two', async (t) => {
    for (const [dialect, expected] of [
      ['sqlite', [1]],
      ['postgres', [1, 1]],
    ] as const) {
      const { writer, sizes, commitAll } = open(t, dialect)
      // They share a token, so each needs its own batch.
      const answers = Array.from({ length: 3 }, () => writer.write(login([4], [8])))
      await setImmediate()
      await setImmediate()
      assert.deepEqual(sizes(), expected, dialect)
      await commitAll(answers)
      t.mock.restoreAll()
    }
  })

  test('when 16,384 are waiting, a further login is told to retry', async (t) => {
    // However slow the machine is, none waits too long here.
    t.mock.timers.enable({ apis: ['setInterval'] })
    const { writer, commitAll } = open(t)
    const answers = Array.from({ length: 16_384 }, (_, n) => writer.write(login(bytes(n * 4 + 4), bytes(n * 4 + 400_000))))
    await assert.rejects(writer.write(login([4], [8])), (error) => isGatewayError(error) && error.key === 'queue_full')
    await commitAll(answers)
  })

  test('two logins with one token or one signature are never in one batch, whichever byte distinguishes others', async (t) => {
    const apart = async (one: LoginWrite, two: LoginWrite) => {
      const { writer, sizes, commitAll } = open(t)
      const answers = [writer.write(one), writer.write(two)]
      await commitAll(answers)
      t.mock.restoreAll()
      return sizes().length === 2
    }
    const token = [4, 1, 1, 1]
    assert.ok(await apart(login(token, [8, 0, 0, 0]), login(token, [12, 0, 0, 0])))
    assert.ok(await apart(login([8, 0, 0, 0], token), login([12, 0, 0, 0], token)))
    for (let index = 0; index < 4; index++) {
      const other = token.with(index, 200)
      assert.ok(!(await apart(login(token, [8, 8, 8, 8]), login(other, [16, 16, 16, 16]))), `token, byte ${index}`)
      assert.ok(!(await apart(login([8, 8, 8, 8], token), login([16, 16, 16, 16], other))), `signature, byte ${index}`)
    }
  })

  test('logins with terms have separate batches, in which a member appears once', async (t) => {
    const { writer, batches, sizes, commitAll } = open(t)
    const held = (token: number, userId: string, agentId = 'acme') =>
      writer.write(login([token], [token + 100], { userId, agentId, terms }))
    const answers = [writer.write(login([4], [104], { userId: 'ann' })), writer.write(login([8], [108], { userId: 'ann' }))]
    answers.push(held(12, 'ann'), held(16, 'bob'), held(20, 'ann', 'other'), held(24, 'ann'))
    await setImmediate()
    await setImmediate()
    assert.deepEqual(sizes(), [2, 3], 'neither waits for the other')
    await commitAll(answers)
    assert.deepEqual(sizes(), [2, 3, 1])
    assert.ok(batches.every(({ logins }) => new Set(logins.map(({ terms }) => terms)).size === 1))
  })

  test('the metrics see which logins wait', async (t) => {
    const { writer, commitAll } = open(t)
    const waiting = () => [writer.queues.member_login.waiting, writer.queues.member_login_terms.waiting]
    assert.deepEqual(waiting(), [0, 0])
    const answers = [writer.write(login([4], [8])), writer.write(login([12], [16])), writer.write(login([20], [24], { terms }))]
    assert.deepEqual(waiting(), [2, 1])
    await commitAll(answers)
    assert.deepEqual(waiting(), [0, 0])
  })

  test('`answered` and `drain` wait for both kinds of logins', async (t) => {
    for (const method of ['answered', 'drain'] as const) {
      for (const sort of [undefined, terms]) {
        const { writer, commitAll } = open(t)
        const answer = writer.write(login([4], [8], sort === undefined ? {} : { terms: sort }))
        await setImmediate()
        let isOver = false
        const over = writer[method]().then(() => {
          isOver = true
        })
        await setImmediate()
        assert.equal(isOver, false, `${method}, ${sort === undefined ? 'plain' : 'under terms'}`)
        await commitAll([answer])
        await over
        t.mock.restoreAll()
      }
    }
  })
})
