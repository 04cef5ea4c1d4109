import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sharedAs } from '../../../src/core/base/clock.ts'
import { TraceLog } from '../../../src/core/records/trace-log.ts'
import type { TraceInput, TraceStore } from '../../../src/store/store.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const trace = (requestId: string): TraceInput => ({
  at: 1,
  requestId,
  surface: 'member-api',
  call: 'login',
  code: '200',
  isFailed: false,
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

test('a flood is bounded and counted; passed calls never crowd out failed ones', async () => {
  const rows: TraceInput[] = []
  const { log, dropped } = logOn(async (traces) => void rows.push(...traces))
  let built = 0
  const build = (id: string) => () => {
    built++
    return trace(id)
  }
  for (let i = 0; i < 1_000; i++) log.note(false, build('passed'))
  log.note(true, build('failed'))
  assert.equal(built, 251, 'what does not fit is not made')
  await log.flush()
  assert.equal(rows.length, 251)
  assert.ok(rows.some(({ requestId }) => requestId === 'failed'))
  assert.deepEqual(dropped, [750])
  await log.close()
})

test('what cannot be written is dropped, counted and told', async () => {
  const { log, dropped, errors } = logOn(async () => {
    throw new Error('away')
  })
  log.note(true, () => trace('lost'))
  await log.close()
  assert.deepEqual([dropped, errors.length], [[1], 1])
})

test('rows of earlier hours leave; with none kept nothing is noted', async () => {
  const { log, trimmed } = logOn(async () => assert.fail(), 0)
  log.note(true, () => trace('unwanted'))
  await log.close()
  assert.deepEqual(trimmed, [0])
  const day = logOn(async () => {})
  await day.log.close()
  assert.deepEqual(day.trimmed, [86_400_000])
})
