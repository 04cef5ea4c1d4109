import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReplayFloor, restoredMark } from '../../../src/core/members/replay-floor.ts'
import type { Change } from '../../../src/store/store.ts'

const breaks = (...details: readonly (string | null)[]) => ({
  listBreaks: async () => details.map((detail, index): Change => ({ seq: index + 1, topic: 'store', subject: '*', at: 0, detail })),
})

async function floorAfter(...details: readonly (string | null)[]): Promise<ReplayFloor> {
  const floor = new ReplayFloor(breaks(...details))
  await floor.reload()
  return floor
}

/** What a node tells that has seen requests of these timestamps. */
function markAt(now: number, seen: readonly (readonly [agentId: string, timestamp: number, seenAt: number])[] = []): string {
  const node = new ReplayFloor(breaks())
  for (const [agentId, timestamp, seenAt] of seen) node.noteVerified(agentId, timestamp, seenAt)
  return node.mark(now)
}

const accepts = (floor: ReplayFloor, agentId: string, timestamp: number) => {
  try {
    floor.verify(agentId, timestamp)
    return true
  } catch {
    return false
  }
}

test('[check 81] a request of the very millisecond of the break is refused, the next one is accepted', async () => {
  for (const mark of [markAt(1_000), restoredMark(1_000)]) {
    const floor = await floorAfter(mark)
    assert.deepEqual([accepts(floor, 'a', 999), accepts(floor, 'a', 1_000), accepts(floor, 'a', 1_001)], [false, false, true])
  }
})

test('[check 81] the latest of several breaks counts, whatever their order; a break without a mark sets nothing', async () => {
  for (const order of [
    [markAt(1_000), markAt(2_000), null],
    [null, markAt(2_000), markAt(1_000)],
  ]) {
    const floor = await floorAfter(...order)
    assert.deepEqual([accepts(floor, 'a', 2_000), accepts(floor, 'a', 2_001)], [false, true])
  }
})

test('[check 81] a merchant whose clock is ahead is refused up to its own latest request, and no other merchant is', async () => {
  const ahead = markAt(1_000, [
    ['a', 5_000, 1_000],
    ['a', 4_000, 1_000],
    ['b', 900, 1_000],
  ])
  // Another node saw less of the same merchant.
  const less = markAt(1_000, [['a', 3_000, 1_000]])
  for (const order of [
    [ahead, less],
    [less, ahead],
  ]) {
    const floor = await floorAfter(...order)
    assert.deepEqual([accepts(floor, 'a', 5_000), accepts(floor, 'a', 5_001)], [false, true])
    assert.deepEqual([accepts(floor, 'b', 1_000), accepts(floor, 'b', 1_001)], [false, true])
  }
})
