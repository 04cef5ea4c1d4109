import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sharedAs } from '../../../src/core/base/clock.ts'
import { TraceLog } from '../../../src/core/records/trace-log.ts'
import type { TraceInput, TraceStore } from '../../../src/store/store.ts'
import { decidedCall } from '../../support/decided-calls.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const trace = (requestId: string): TraceInput => ({
  at: 1,
  requestId,
  surface: 'member-api',
  call: 'login',
  code: '200',
  isFailed: false,
  isStranger: false,
  steps: [],
})

function logOn(append: TraceStore['append'], hours = 24) {
  const errors: unknown[] = []
  const dropped: number[] = []
  const trimmed: number[] = []
  const clock = new ManualClock()
  const trim = async ({ since }: { since: number }) => {
    trimmed.push(clock.now() - since)
    return 0
  }
  const store = { append, trim, find: async () => null, list: async () => [] }
  const onError = (error: unknown) => errors.push(error)
  const onDropped = (count: number) => dropped.push(count)
  return { errors, dropped, trimmed, log: new TraceLog({ store, shared: sharedAs(clock), hours, rowsMax: 1_000, onError, onDropped }) }
}

const known = (agentId: string) => decidedCall({ agentId, isKnown: true })

test('a flood is bounded and counted; passed calls never displace failed ones', async () => {
  const rows: TraceInput[] = []
  const { log, dropped } = logOn(async (traces) => void rows.push(...traces))
  let built = 0
  const build = (id: string) => () => {
    built++
    return trace(id)
  }
  for (let i = 0; i < 1_000; i++) log.note(known(`m${i % 2}`), false, build('passed'))
  log.note(known('m1'), true, build('failed'))
  assert.equal(built, 251, 'what does not fit is not made')
  await log.flush()
  assert.equal(rows.length, 251)
  assert.ok(rows.some(({ requestId }) => requestId === 'failed'))
  assert.deepEqual(dropped, [750])
  await log.close()
})

test("[check 86] neither a stranger nor another merchant takes others' places: shares by merchant and address", async () => {
  const rows: TraceInput[] = []
  const { log } = logOn(async (traces) => void rows.push(...traces))
  for (let n = 0; n < 5_000; n++) {
    const address = `10.0.${n >> 8}.${n & 255}`
    for (const agentId of [undefined, 'partner', `m${n % 100}`]) log.note(decidedCall({ agentId, address }), true, () => trace('flood'))
    log.note(known('busy'), true, () => trace('busy'))
  }
  const honest = { address: '198.51.100.7' }
  log.note({ ...known('partner'), ...honest }, true, () => trace('listed'))
  log.note(decidedCall({ ...honest, agentId: 'other' }), true, () => trace('other'))
  log.note(decidedCall({ ...honest, surface: 'seller-api' }), true, () => trace('seller'))
  await log.close()
  const ids = rows.map(({ requestId }) => requestId)
  for (const id of ['listed', 'other', 'seller']) assert.ok(ids.includes(id), id)
  assert.equal(ids.filter((id) => id === 'busy').length, 125)
  const flooded = ids.filter((id) => id === 'flood').length
  assert.ok(flooded <= 102 * 5 + 240, String(flooded))
})

test('traces that cannot be written are dropped, counted and reported', async () => {
  const { log, dropped, errors } = logOn(async () => {
    throw new Error('away')
  })
  log.note(decidedCall(), true, () => trace('lost'))
  await log.close()
  assert.deepEqual([dropped, errors.length], [[1], 1])
})

test('rows of earlier hours are deleted; with tracing off nothing is noted', async () => {
  const { log, trimmed } = logOn(async () => assert.fail(), 0)
  log.note(decidedCall(), true, () => trace('unwanted'))
  await log.close()
  assert.deepEqual(trimmed, [0])
  const day = logOn(async () => {})
  await day.log.close()
  assert.deepEqual(day.trimmed, [86_400_000])
})
