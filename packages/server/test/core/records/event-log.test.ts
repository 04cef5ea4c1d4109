import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventLog } from '../../../src/core/records/event-log.ts'
import type { EventInput } from '../../../src/store/store.ts'

function logOn(append: (events: readonly EventInput[]) => Promise<void>) {
  const errors: unknown[] = []
  return { errors, log: new EventLog({ store: { append, list: async () => [] }, onError: (error) => errors.push(error) }) }
}

const refusal = (changes: Partial<EventInput> = {}): EventInput => ({
  at: 1,
  kind: 'member.login_refused',
  surface: 'member-api',
  code: '600100',
  ...changes,
})

test('[check 73] alike refusals share a row, and no count is lost', async () => {
  const rows: EventInput[] = []
  const { log } = logOn(async (events) => void rows.push(...events))
  for (let i = 0; i < 5; i++) log.refused(refusal({ agentId: 'a' }))
  log.refused(refusal({ agentId: 'b' }))
  await log.close()
  assert.deepEqual(
    rows.map(({ agentId, count }) => [agentId, count]),
    [
      ['a', 5],
      ['b', 1],
    ],
  )
})

test('a flood of different refusals is bounded, and its count still adds up', async () => {
  const rows: EventInput[] = []
  const { log } = logOn(async (events) => void rows.push(...events))
  for (let i = 0; i < 10_000; i++) log.refused(refusal({ address: `10.0.${i >> 8}.${i & 255}` }))
  await log.close()
  assert.ok(rows.length <= 1_001, String(rows.length))
  assert.equal(
    rows.reduce((sum, row) => sum + (row.count ?? 1), 0),
    10_000,
  )
})

test('what could not be written is kept and written later', async () => {
  const rows: EventInput[] = []
  let isAway = true
  const { log, errors } = logOn(async (events) => {
    if (isAway) throw new Error('away')
    rows.push(...events)
  })
  log.refused(refusal())
  await log.flush()
  log.refused(refusal())
  isAway = false
  await log.close()
  assert.equal(errors.length, 1)
  assert.deepEqual(
    rows.map((row) => row.count),
    [2],
  )
})
