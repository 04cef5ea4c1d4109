import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '@lobbykey/contract'
import { ConductLog, type NotedLogin } from '../../../src/core/records/conduct-log.ts'
import type { DecidedCall } from '../../../src/core/records/decided-call.ts'
import type { ConductMark } from '../../../src/store/store.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const second = 1_000
const minute = 60_000

function start(note = async (_marks: readonly ConductMark[]) => {}) {
  const clock = new ManualClock()
  const written: ConductMark[][] = []
  const errors: unknown[] = []
  const log = new ConductLog({
    store: {
      note: async (marks) => {
        await note(marks)
        written.push([...marks])
      },
    },
    clock,
    onError: (error) => errors.push(error),
  })
  const call = (changes: Partial<DecidedCall> = {}): DecidedCall => ({
    ...{ at: clock.now(), surface: 'member-api', call: 'login', code: '200', requestId: 'r', address: '127.0.0.1' },
    ...{ agentId: 'acme', isKnown: true, subject: undefined, keyId: 'k1' },
    ...changes,
  })
  const refuse = (error: GatewayError, changes: Partial<DecidedCall> = {}) =>
    log.refused({ ...call({ keyId: undefined, ...changes }), kind: 'member.login', error })
  const login = (userId: string, token: string, changes: Partial<NotedLogin> = {}) => {
    const noted = { agentId: 'acme', userId, tokenHash: Buffer.from(token), at: clock.now(), isRepeated: false }
    log.loggedIn({ ...noted, ...changes })
  }
  const flush = async () => {
    const count = written.length
    await log.flush()
    const [marks = []] = written.slice(count)
    return Object.fromEntries(marks.map(({ topic, rightAt, wrongAt }) => [topic, rightAt >= wrongAt ? 'right' : 'wrong']))
  }
  return { clock, log, errors, written, call, refuse, login, flush }
}

test('a mark in constant use is written every five minutes, and at once when it turns', async () => {
  const { clock, log, call, refuse, flush } = start()
  log.accepted(call())
  assert.deepEqual(await flush(), { login: 'right' })
  for (let count = 0; count < 4; count++) {
    clock.advance(minute)
    log.accepted(call())
    assert.deepEqual(await flush(), {})
  }
  clock.advance(minute)
  log.accepted(call())
  assert.deepEqual(await flush(), { login: 'right' })
  clock.advance(second)
  refuse(new GatewayError('bad_signature'))
  assert.deepEqual(await flush(), { login: 'wrong' })
  clock.advance(second)
  log.accepted(call())
  assert.deepEqual(await flush(), { login: 'right' })
})

test('of two processes, the one that saw a call last has the last word, within a moment', async () => {
  const stored: Record<string, number> = { rightAt: 0, wrongAt: 0 }
  const note = async (marks: readonly ConductMark[]) => {
    for (const { rightAt, wrongAt } of marks) {
      stored.rightAt = Math.max(stored.rightAt ?? 0, rightAt)
      stored.wrongAt = Math.max(stored.wrongAt ?? 0, wrongAt)
    }
  }
  const isRight = () => (stored.rightAt ?? 0) >= (stored.wrongAt ?? 0)
  const [one, other] = [start(note), start(note)]
  const later = async (ms: number) => {
    for (const { clock, log } of [one, other]) {
      clock.advance(ms)
      await log.flush()
    }
  }
  const right = ({ log, call }: typeof one) => log.accepted(call())
  const wrong = ({ refuse }: typeof one) => refuse(new GatewayError('bad_signature'))
  for (const [node, see, expected] of [
    [one, right, true],
    [other, wrong, false],
    [one, right, true],
    [other, wrong, false],
  ] as const) {
    see(node)
    await later(second)
    await later(10 * second)
    assert.equal(isRight(), expected)
  }
  right(one)
  await one.log.close()
  assert.equal(isRight(), true, 'a process that ends writes what it held back')
  const writes = one.written.length
  await later(20 * second)
  assert.equal(one.written.length, writes, 'once')
  await other.log.close()
})

test('strangers, other surfaces and calls of no merchant leave no mark', async () => {
  const { log, call, refuse, flush } = start()
  refuse(new GatewayError('bad_signature'), { isKnown: false })
  refuse(new GatewayError('rate_limited', { retryAfterMs: 10 }), { isKnown: false })
  refuse(new GatewayError('bad_signature'), { agentId: undefined })
  refuse(new GatewayError('bad_signature'), { surface: 'seller-api' })
  log.accepted(call({ keyId: undefined, agentId: undefined }))
  assert.deepEqual(await flush(), {})
})

test('a call refused after its signature was right is signed right', async () => {
  const { refuse, flush } = start()
  refuse(new GatewayError('member_not_found'), { keyId: 'k1', call: 'logout' })
  assert.deepEqual(await flush(), { logout: 'right' }, 'yet it logged nobody out')
})

test('a pause of more than half a minute ends a row of wrong signatures', async () => {
  const { clock, refuse, flush } = start()
  for (let count = 0; count < 8; count++) {
    refuse(new GatewayError('bad_signature'))
    clock.advance(count === 3 ? 31 * second : second)
  }
  assert.deepEqual(await flush(), { login: 'wrong', 'wrong-signature': 'right' }, 'twice four')
  for (let count = 0; count < 2; count++) refuse(new GatewayError('bad_signature'))
  assert.deepEqual((await flush())['wrong-signature'], 'wrong')
})

test('among many members one is waited for, for a day', async () => {
  const { clock, login, flush } = start()
  login('first', 'a')
  for (let count = 0; count < 50; count++) login(`other${count}`, `t${count}`)
  assert.deepEqual(await flush(), {})
  login('first', 'a')
  assert.deepEqual(await flush(), { 'fresh-token': 'wrong' })
  clock.advance(25 * 60 * minute)
  login('late', 'b')
  login('other', 'c')
  login('first', 'd')
  assert.deepEqual(await flush(), {}, 'another one is waited for now')
  login('late', 'e')
  assert.deepEqual(await flush(), { 'fresh-token': 'right' })
})

test('Retry-After: the same request again, in time or too early; another one says nothing', async () => {
  const { clock, log, call, refuse, flush } = start()
  const limited = new GatewayError('rate_limited', { retryAfterMs: 40 })
  refuse(limited, { sign: 'a' })
  clock.advance(300)
  log.accepted(call({ sign: 'b' }))
  refuse(limited, { sign: 'c' })
  assert.deepEqual(await flush(), { login: 'right' })
  clock.advance(800)
  refuse(limited, { sign: 'a' })
  assert.equal((await flush())['retry-after'], 'right', 'it waited, though refused once more')
  clock.advance(800)
  log.accepted(call({ sign: 'a' }))
  assert.equal((await flush())['retry-after'], 'wrong', 'even if it was served')
  clock.advance(1)
  log.accepted(call({ sign: 'c' }))
  assert.equal((await flush())['retry-after'], 'right')
})

test('a flood of requests that wait is forgotten, oldest first', async () => {
  const { clock, log, call, refuse, flush } = start()
  for (let count = 0; count < 65; count++) refuse(new GatewayError('rate_limited', { retryAfterMs: 40 }), { sign: `s${count}` })
  clock.advance(10)
  log.accepted(call({ sign: 's0' }))
  assert.deepEqual(await flush(), { login: 'right' })
  log.accepted(call({ sign: 's1' }))
  assert.equal((await flush())['retry-after'], 'wrong')
})

test('what a store refused is written at the next flush', async () => {
  let isDown = true
  const { log, call, errors, flush } = start(async () => {
    if (isDown) throw new Error('down')
  })
  log.accepted(call())
  assert.deepEqual([await flush(), errors.length], [{}, 1])
  isDown = false
  assert.deepEqual(await flush(), { login: 'right' })
})

test('many marks are written in parts, and one that turns meanwhile is written again', async () => {
  let onFirst: (() => void) | null = () => {
    onFirst = null
    refuse(new GatewayError('bad_signature'), { agentId: 'm0' })
    log.accepted(call({ agentId: 'late' }))
  }
  const { clock, log, call, refuse, written } = start(async () => {
    clock.advance(1)
    onFirst?.()
  })
  for (let count = 0; count < 1_100; count++) log.accepted(call({ agentId: `m${count}` }))
  await log.flush()
  assert.deepEqual(
    written.map((marks) => marks.length),
    [500, 500, 100],
  )
  await log.flush()
  assert.deepEqual(
    written.slice(3).map((marks) => marks.map(({ agentId, rightAt, wrongAt }) => [agentId, rightAt > wrongAt])),
    [
      [
        ['late', true],
        ['m0', false],
      ],
    ],
  )
})
