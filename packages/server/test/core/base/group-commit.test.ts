import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { GatewayError } from '@lobbykey/contract'
import { arrivals } from '../../../src/core/base/arrivals.ts'
import { GroupCommit, type GroupCommitOptions } from '../../../src/core/base/group-commit.ts'

type Item = { key: string; fail?: 'once' | 'always' }

function group(changes: Partial<GroupCommitOptions<Item, string>> = {}) {
  const batches: string[][] = []
  const options: GroupCommitOptions<Item, string> = {
    commit: async (batch) => {
      batches.push(batch.map((item) => item.key))
      return batch.map((item) => `done ${item.key}`)
    },
    keysOf: (item) => [item.key],
    batchMax: 100,
    queueMax: 1_000,
    lanes: 1,
    ...changes,
  }
  return { group: new GroupCommit<Item, string>(options), batches }
}

test('[check 85] a commit that blocks the event loop lets connections in before it, for a limited number of turns and time', async (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const { group: writes, batches } = group({ holdsLoop: true })
  const write = writes.submit({ key: 'a' })
  for (let turn = 0; turn < 32; turn++) {
    arrivals.note()
    await nextTurn()
    assert.deepEqual(batches, [])
  }
  arrivals.note()
  assert.equal(await write, 'done a')
  arrivals.note()
  const next = writes.submit({ key: 'b' })
  await nextTurn()
  assert.deepEqual(batches, [['a']])
  assert.equal(await next, 'done b')
  await nextTurn()
  arrivals.note()
  const last = writes.submit({ key: 'c' })
  now += 10
  await nextTurn()
  assert.deepEqual(batches, [['a'], ['b'], ['c']])
  await last
})

test('items submitted in one turn share a batch, in order, each with its own outcome', async () => {
  const { group: writes, batches } = group()
  assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((key) => writes.submit({ key }))), ['done a', 'done b', 'done c'])
  assert.deepEqual(batches, [['a', 'b', 'c']])
})

test('a single write waits for nothing', async () => {
  const { group: writes, batches } = group()
  assert.equal(await writes.submit({ key: 'a' }), 'done a')
  assert.deepEqual(batches, [['a']])
})

test('no batch has two items of one key; none is lost, and batches are bounded', async () => {
  const { group: writes, batches } = group({ batchMax: 2 })
  await Promise.all(['a', 'a', 'b', 'c', 'a'].map((key) => writes.submit({ key })))
  assert.deepEqual(batches, [['a', 'b'], ['a', 'c'], ['a']])
})

test('lanes divide the waiting items, unless they are few', async () => {
  const { group: writes, batches } = group({ lanes: 2 })
  const submit = (from: number, to: number) =>
    Promise.all(Array.from({ length: to - from }, (_, n) => writes.submit({ key: String(from + n) })))
  await submit(0, 8)
  assert.deepEqual(
    batches.map((batch) => batch.length),
    [8],
  )
  batches.length = 0
  await submit(0, 40)
  assert.deepEqual(
    batches.map((batch) => batch.length),
    [20, 20],
  )
})

test('answered: resolves after the callers of running batches have been answered, and does not wait for later items', async () => {
  const written = Promise.withResolvers<void>()
  const { group: writes } = group({
    commit: async (batch) => {
      if (batch[0]?.key === 'first') await written.promise
      return batch.map((item) => item.key)
    },
  })
  const heard: string[] = []
  const first = writes.submit({ key: 'first' }).then(async (key) => {
    await null
    heard.push(key)
  })
  await new Promise((resolve) => setImmediate(resolve))
  const answered = writes.answered().then(() => heard.push('answered'))
  written.resolve()
  await Promise.all([first, answered])
  assert.deepEqual(heard, ['first', 'answered'])
  await writes.answered()
})

test('one bad row fails alone', async () => {
  const { group: writes } = group({
    commit: async (batch) => {
      if (batch.some((item) => item.fail === 'always')) throw new Error('bad row')
      return batch.map((item) => `done ${item.key}`)
    },
  })
  const settled = await Promise.allSettled([
    writes.submit({ key: 'a' }),
    writes.submit({ key: 'b', fail: 'always' }),
    writes.submit({ key: 'c' }),
  ])
  assert.deepEqual(
    settled.map((result) => result.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
})

test('an unavailable store fails the whole batch at once, without a retry for each item', async () => {
  let asked = 0
  const { group: writes } = group({
    commit: async () => {
      asked++
      throw new GatewayError('store_unavailable')
    },
  })
  const settled = await Promise.allSettled(['a', 'b', 'c'].map((key) => writes.submit({ key })))
  assert.ok(settled.every((result) => result.status === 'rejected' && (result.reason as GatewayError).key === 'store_unavailable'))
  assert.equal(asked, 1)
})

test("beyond the queue's bound a write is refused at once, with a time to retry", async () => {
  const { group: writes } = group({ queueMax: 2 })
  const settled = await Promise.allSettled(['a', 'b', 'c'].map((key) => writes.submit({ key })))
  const refused = settled[2]
  assert.ok(refused?.status === 'rejected')
  assert.equal((refused.reason as GatewayError).key, 'queue_full')
  assert.equal((refused.reason as GatewayError).details.retryAfterMs, 1_000)
})

test('an item that lost a race goes into a later batch, and finally gives up', async () => {
  const answers = ['retry', 'retry', 'won']
  const lucky = group({ commit: async () => [answers.shift() ?? 'won'] })
  assert.equal(await lucky.group.submit({ key: 'a' }), 'won')
  const unlucky = group({ commit: async () => ['retry' as const] })
  await assert.rejects(unlucky.group.submit({ key: 'a' }), (error: GatewayError) => error.key === 'store_unavailable')
})

test('drain resolves when everything is written', async () => {
  const { group: writes, batches } = group()
  const written = writes.submit({ key: 'a' })
  await writes.drain()
  assert.deepEqual(batches, [['a']])
  await written
  await writes.drain()
})

test('an item that no lane takes in time is refused, and is not written later', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const hanging = Promise.withResolvers<string[]>()
  const { group: writes, batches } = group({
    commit: (batch) => {
      batches.push(batch.map((item) => item.key))
      return hanging.promise
    },
  })
  const first = writes.submit({ key: 'a' })
  await new Promise((resolve) => setImmediate(resolve))
  const second = writes.submit({ key: 'b' })
  const refused = assert.rejects(second, { key: 'store_unavailable', details: { retryAfterMs: 1_000 } })
  t.mock.timers.tick(2_000)
  await refused
  hanging.resolve(['done a'])
  assert.equal(await first, 'done a')
  await writes.drain()
  assert.deepEqual(batches, [['a']])
})

test('[check 42] when more come than can be written, each waits two seconds before it is refused', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const commits: PromiseWithResolvers<string[]>[] = []
  const { group: writes } = group({
    batchMax: 1,
    commit: () => {
      const commit = Promise.withResolvers<string[]>()
      commits.push(commit)
      return commit.promise
    },
  })
  const answers = ['a', 'b', 'c', 'd'].map((key) => writes.submit({ key }))
  const refused = assert.rejects(answers[3] ?? Promise.resolve(), { key: 'queue_full', details: { retryAfterMs: 1_000 } })
  for (const written of ['done a', 'done b', 'done c']) {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    t.mock.timers.tick(750)
    commits.at(-1)?.resolve([written])
  }
  await refused
  assert.deepEqual(await Promise.all(answers.slice(0, 3)), ['done a', 'done b', 'done c'])
})

test('a store that fails while a bad batch is split is not asked for each remaining item', async () => {
  let commits = 0
  const { group: writes } = group({
    commit: async () => {
      commits++
      throw commits === 1 ? new Error('a bad row') : new GatewayError('store_unavailable')
    },
  })
  const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map((key) => writes.submit({ key })))
  for (const result of results) assert.equal(result.status === 'rejected' && result.reason.key, 'store_unavailable')
  assert.equal(commits, 2)
})
