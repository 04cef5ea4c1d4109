import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FairQueue } from '../../../src/core/passwords/fair-queue.ts'

function queueOf(...items: string[]) {
  const queue = new FairQueue<string>()
  for (const item of items) queue.add(item.charAt(0), item)
  return queue
}

/** Takes everything, and asserts that the size is right throughout. */
function drain(queue: FairQueue<string>): string[] {
  const taken: string[] = []
  for (let size = queue.size; size > 0; size--) {
    assert.equal(queue.size, size)
    taken.push(queue.shift() ?? assert.fail())
  }
  assert.equal(queue.size, 0)
  assert.equal(queue.shift(), undefined)
  return taken
}

test('sources take turns; items of one source are in order of arrival', () => {
  assert.deepEqual(drain(queueOf('a1', 'a2', 'a3', 'b1', 'b2', 'c1')), ['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
})

test('a removed item is gone, wherever it was; removing an unknown one changes nothing', () => {
  for (const [gone, left] of [
    ['a1', ['a2', 'b1', 'a3']],
    ['a2', ['a1', 'b1', 'a3']],
    ['b1', ['a1', 'a2', 'a3']],
    ['a4', ['a1', 'b1', 'a2', 'a3']],
    ['c1', ['a1', 'b1', 'a2', 'a3']],
  ] as const) {
    const queue = queueOf('a1', 'a2', 'a3', 'b1')
    queue.delete(gone.charAt(0), gone)
    assert.deepEqual(drain(queue), left)
  }
})

test("reports how many go before a new item: its source's own, and as many turns of every other source", () => {
  const queue = queueOf('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1')
  const before = (source: string) => queue.countBefore(source)
  assert.deepEqual(['a', 'b', 'c', 'd'].map(before), [7, 2 + 3 + 1, 1 + 2 + 2, 3])
  for (const source of ['a', 'b', 'c', 'd']) {
    const copy = queueOf('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1')
    copy.add(source, 'mine')
    assert.equal(drain(copy).indexOf('mine'), before(source))
  }
})
