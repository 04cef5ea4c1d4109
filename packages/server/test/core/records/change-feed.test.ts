import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '@lobbykey/contract'
import { ChangeFeed, type ChangeFeedOptions, type StoreBreak } from '../../../src/core/records/change-feed.ts'
import type { Change } from '../../../src/store/store.ts'
import { ManualClock } from '../../support/manual-clock.ts'

function changeOf(seq: number, at = seq): Change {
  return { seq, topic: 'merchant', subject: `m${seq}`, at, detail: null }
}

type StoreOfFeed = ChangeFeedOptions['store']

/** The sequence as a store shows it: a number may become visible after a higher one. */
class Sequence implements StoreOfFeed {
  visible: Change[] = []
  isAway = false
  reads = 0

  commit(...seqs: number[]): void {
    for (const seq of seqs) this.visible.push(changeOf(seq))
  }

  async latestSeq(): Promise<number> {
    return Math.max(0, ...this.visible.map((change) => change.seq))
  }

  async since(seq: number, limit: number): Promise<Change[]> {
    this.reads++
    if (this.isAway) throw new GatewayError('store_unavailable')
    return this.visible
      .filter((change) => change.seq > seq)
      .sort((a, b) => a.seq - b.seq)
      .slice(0, limit)
  }
}

async function started(initial: number[] = []) {
  const store = new Sequence()
  store.commit(...initial)
  const clock = new ManualClock()
  const breaks: StoreBreak[] = []
  const trouble = { isThere: false }
  const feed = new ChangeFeed({
    store,
    clock,
    onBreak: async (found) => {
      if (trouble.isThere) throw new GatewayError('store_unavailable')
      breaks.push(found)
    },
  })
  const heard: string[] = []
  feed.subscribe('merchant', async (subjects) => {
    heard.push(...subjects)
  })
  await feed.start()
  feed.stop()
  heard.length = 0
  return { store, clock, feed, heard, breaks, trouble }
}

test('each change is handled once', async () => {
  const { store, feed, heard } = await started([1, 2])
  await feed.poll()
  assert.deepEqual(heard, [])
  store.commit(3, 4)
  await feed.poll()
  await feed.poll()
  assert.deepEqual(heard, ['m3', 'm4'])
})

test('a number that becomes visible after a higher one is not missed', async () => {
  const { store, feed, heard } = await started()
  store.commit(2, 3)
  await feed.poll()
  store.commit(1)
  await feed.poll()
  store.commit(4)
  await feed.poll()
  assert.deepEqual(heard, ['m2', 'm3', 'm1', 'm4'])
})

test('a number that never appears is given up after ten seconds', async () => {
  const { store, feed, clock, heard } = await started()
  store.commit(2)
  await feed.poll()
  clock.advance(10_000)
  await feed.poll()
  store.commit(3)
  await feed.poll()
  assert.deepEqual(heard, ['m2', 'm3'])
})

for (const [what, change] of Object.entries({
  'lacks its newest change': (store: Sequence) => store.visible.pop(),
  'goes on below its newest change': (store: Sequence) => store.visible.splice(2, 1, changeOf(2.5)),
  'goes on past its newest change with others': (store: Sequence) => store.visible.splice(2, 1, changeOf(3, 33), changeOf(4)),
  'is empty': (store: Sequence) => store.visible.splice(0),
})) {
  test(`[check 81] a store that ${what} has gone back: everything is reloaded once onBreak has resolved`, async () => {
    const { store, feed, heard, breaks } = await started([1])
    store.commit(2, 3)
    await feed.poll()
    heard.length = 0
    change(store)
    await feed.poll()
    assert.deepEqual(breaks, [{ knownSeq: 3, storeSeq: await store.latestSeq(), isCertain: true }])
    assert.deepEqual(heard, ['*'])
    await feed.poll()
    assert.equal(breaks.length, 1)
  })
}

test('[check 81] the loss of a change seen above a gap is detected, too', async () => {
  const { store, feed, breaks } = await started([1])
  store.commit(3)
  await feed.poll()
  store.visible.pop()
  store.commit(2)
  await feed.poll()
  assert.deepEqual(
    breaks.map(({ knownSeq }) => knownSeq),
    [3],
  )
})

test('[check 81] nothing is answered from memory until everything known is rewritten', async () => {
  const { store, clock, feed, heard, breaks, trouble } = await started([1, 2])
  trouble.isThere = true
  store.visible.pop()
  await assert.rejects(feed.poll())
  await assert.rejects(async () => feed.assertFresh(), isUnavailable)
  assert.deepEqual(heard, [])
  trouble.isThere = false
  clock.advance(31 * 60_000)
  await feed.assertFresh()
  assert.deepEqual(heard, ['*'])
  assert.deepEqual(
    breaks.map(({ isCertain }) => isCertain),
    [true],
    'however long it took',
  )
})

test('more changes than one read returns are all handled', async () => {
  const { store, feed, heard } = await started()
  store.commit(...Array.from({ length: 2_500 }, (_, index) => index + 1))
  await feed.poll()
  assert.equal(heard.length, 2_500)
  assert.equal(new Set(heard).size, 2_500)
})

test('a failed handler gets the change again', async () => {
  const { store, feed } = await started()
  let tries = 0
  feed.subscribe('merchant', async () => {
    if (++tries === 1) throw new GatewayError('store_unavailable')
  })
  store.commit(1)
  await assert.rejects(feed.poll())
  await feed.poll()
  assert.equal(tries, 2)
})

test('poll covers what was committed before the call, even during another poll', async () => {
  const { store, feed, heard } = await started()
  const first = feed.poll()
  store.commit(1)
  await feed.poll()
  assert.deepEqual(heard, ['m1'])
  await first
})

test('[check 21] memory older than a second is refreshed before it is used, or refused', async () => {
  const { store, feed, clock } = await started()
  const reads = store.reads
  clock.advance(1_000)
  assert.equal(feed.assertFresh(), undefined)
  assert.equal(store.reads, reads)
  clock.advance(1)
  await feed.assertFresh()
  assert.equal(store.reads, reads + 1)
  store.isAway = true
  clock.advance(1_001)
  await assert.rejects(
    async () => feed.assertFresh(),
    (error: GatewayError) => error.key === 'store_unavailable' && error.details.retryAfterMs === 1_000,
  )
})

test('a process that was away for long reloads everything', async () => {
  const { store, feed, clock, heard } = await started([1])
  clock.advance(31 * 60_000)
  store.visible = [changeOf(900)]
  await feed.poll()
  assert.deepEqual(heard, ['*'])
})

test('a store that hangs counts as unavailable after a second, and is asked again once it answers', async (context) => {
  const { store, clock, feed } = await started()
  const answers: (() => void)[] = []
  context.mock.method(store, 'since', () => new Promise<Change[]>((resolve) => answers.push(() => resolve([]))))
  context.mock.timers.enable({ apis: ['setTimeout'] })
  clock.advance(1_001)
  const asked = [feed.assertFresh(), feed.assertFresh()]
  context.mock.timers.tick(1_000)
  for (const result of asked) {
    await assert.rejects(async () => result, isUnavailable)
  }
  const again = feed.assertFresh()
  // The poll in progress, and the one that callers have waited for meanwhile.
  for (let poll = 0; poll < 2; poll++) {
    answers.shift()?.()
    await new Promise(setImmediate)
  }
  await again
  assert.equal(feed.assertFresh(), undefined)
})

function isUnavailable(error: unknown): boolean {
  return error instanceof GatewayError && error.key === 'store_unavailable'
}

test('a store that went back is noticed with any number of own changes that no poll has read', async () => {
  const { store, feed, breaks } = await started([1])
  const last = 200_000
  feed.expect(Array.from({ length: last }, (_, n) => changeOf(n + 1)))
  await feed.poll()
  assert.deepEqual(breaks, [{ knownSeq: last, storeSeq: await store.latestSeq(), isCertain: true }])
})
