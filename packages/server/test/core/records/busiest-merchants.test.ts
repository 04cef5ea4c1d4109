import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BusiestMerchants, merchantsShownMax } from '../../../src/core/records/busiest-merchants.ts'

test('a limited number of merchants is counted separately, the busiest; no count goes back, and none is lost', () => {
  const merchants = new BusiestMerchants()
  const note = (agentId: string, times: number) => {
    for (let time = 0; time < times; time++) merchants.note(agentId, 'refused')
  }
  for (let index = 0; index < merchantsShownMax; index++) note(`quiet-${index}`, 2)
  note('late', 100)
  const before = counts(merchants)
  assert.equal(before.size, merchantsShownMax + 1)
  assert.deepEqual([before.get('late'), before.get('other')], [undefined, 100])

  note('late', 7)
  const after = counts(merchants)
  assert.deepEqual([after.get('late'), after.get('other'), after.size], [7, 100, merchantsShownMax + 1])
  const gone = [...before.keys()].filter((agentId) => !after.has(agentId))
  assert.equal(gone.length, 1)
  for (const [agentId, count] of after) assert.ok(count >= (before.get(agentId) ?? 0), agentId)

  // Not busy enough to enter the list: names that come and go have no effect.
  for (let index = 0; index < merchantsShownMax; index++) note(`quiet-${index}`, 10)
  note('newcomer', 12)
  counts(merchants)
  assert.equal(counts(merchants).has('newcomer'), false)
})

function counts(merchants: BusiestMerchants): Map<string, number> {
  return new Map(merchants.look().map(({ agentId, counts: { refused } }) => [agentId, refused]))
}
