import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '@lobbykey/contract'
import { RefusalLog } from '../../../src/core/records/refusal-log.ts'
import type { RefusalRecord } from '../../../src/store/store.ts'
import { refusedCall } from '../../support/decided-calls.ts'

/** A log on a store that may be unavailable, and that store's content. */
function openLog() {
  const store = { isAway: false, rows: new Map<string, RefusalRecord>() }
  const errors: unknown[] = []
  const put = async (refusals: readonly RefusalRecord[]) => {
    if (store.isAway) throw new Error('away')
    for (const refusal of refusals) store.rows.set(refusal.id, refusal)
  }
  const log = new RefusalLog({ store: { put }, keptMs: 1_000, onError: (error) => errors.push(error) })
  const rows = async () => {
    await log.flush()
    return [...store.rows.values()]
  }
  return { log, errors, store, rows }
}

const countOf = (rows: readonly RefusalRecord[]) => rows.reduce((sum, { count }) => sum + count, 0)

test('[check 73] identical refusals within a minute share a row, and no count is lost', async () => {
  const { log, rows } = openLog()
  for (let second = 0; second < 60; second++) {
    log.note(refusedCall({ at: 60_000 + second * 1_000, agentId: 'a', requestId: `r${second}` }))
    if (second % 10 === 0) await log.flush()
  }
  log.note(refusedCall({ at: 120_000, agentId: 'a' }))
  log.note(refusedCall({ at: 120_000, agentId: 'b' }))
  assert.deepEqual(
    (await rows()).map(({ at, lastAt, expiresAt, agentId, requestId, count }) => [at, lastAt, expiresAt, agentId, requestId, count]),
    [
      [60_000, 119_000, 61_000, 'a', 'r0', 60],
      [120_000, 120_000, 121_000, 'a', 'r1', 1],
      [120_000, 120_000, 121_000, 'b', 'r1', 1],
    ],
  )
  await log.close()
})

test('a clock that had run ahead for a moment and was set right starts minutes anew', async () => {
  const { log, rows } = openLog()
  const year = 365 * 86_400_000
  log.note(refusedCall({ at: year, address: '192.0.2.200' }))
  const before = (await rows()).length
  for (let minute = 0; minute < 3; minute++) {
    for (let n = 0; n < 30; n++) log.note(refusedCall({ at: 60_000 * minute, address: `192.0.2.${n}` }))
  }
  assert.equal((await rows()).length - before, 3 * 21, 'in each minute twenty addresses and one joined')
  // A call that took longer than others belongs to the minute before, and starts none.
  log.note(refusedCall({ at: 60_000, address: '192.0.2.99' }))
  log.note(refusedCall({ at: 120_000, address: '192.0.2.99' }))
  assert.equal((await rows()).length - before, 3 * 21)
  await log.close()
})

test('[check 86] a flood by strangers causes a bounded number of rows, per merchant, per address and in total, and its count adds up', async () => {
  const { log, rows } = openLog()
  const flood = (changes: (n: number) => Parameters<typeof refusedCall>[0], count = 10_000) => {
    for (let n = 0; n < count; n++) log.note(refusedCall(changes(n)))
  }
  flood(() => ({}))
  flood((n) => ({ address: `10.0.${n >> 8}.${n & 255}` }))
  flood((n) => ({ address: `2001:db8:0:${(n & 0xfff).toString(16)}::${n}` }))
  assert.equal((await rows()).length, 21, 'nobody: 20 addresses, and one joined')
  flood((n) => ({ agentId: 'attacked', address: `10.0.${n >> 8}.${n & 255}`, code: String(n % 30) }))
  const attacked = (await rows()).filter(({ agentId }) => agentId === 'attacked')
  assert.ok(attacked.length <= 28, String(attacked.length))
  flood((n) => ({ agentId: `m${n % 1_000}`, address: `10.0.${n >> 8}.${n & 255}` }), 30_000)
  const all = await rows()
  assert.ok(all.length <= 50 + 1_000 * 6 + 1_000 + 30, String(all.length))
  assert.equal(countOf(all), 70_000)
  for (const { subject } of all) assert.equal(subject, undefined)
  await log.close()
})

test("[check 86] a stranger's refusals do not displace others': of another merchant, another surface, a known caller", async () => {
  const { log, rows } = openLog()
  for (let n = 0; n < 5_000; n++) {
    log.note(refusedCall({ address: `10.0.${n >> 8}.${n & 255}` }))
    log.note(refusedCall({ agentId: `m${n % 500}`, address: `10.0.${n >> 8}.${n & 255}` }))
    log.note(refusedCall({ agentId: 'partner', address: `10.0.${n >> 8}.${n & 255}` }))
  }
  const bad = { error: new GatewayError('bad_signature'), code: '600100', address: '198.51.100.7' }
  log.note(refusedCall({ ...bad, agentId: 'partner', isKnown: true, requestId: 'listed' }))
  log.note(refusedCall({ ...bad, agentId: 'other', requestId: 'other' }))
  log.note(refusedCall({ surface: 'seller-api', kind: 'seller.login', address: '198.51.100.7', requestId: 'seller' }))
  const told = (await rows()).filter(({ address }) => address === '198.51.100.7').map(({ requestId }) => requestId)
  assert.deepEqual(told.sort(), ['listed', 'other', 'seller'])
  await log.close()
})

test('one address takes no more than its part of a share', async () => {
  const { log, rows } = openLog()
  for (let n = 0; n < 100; n++) log.note(refusedCall({ agentId: 'a', code: String(n), address: '10.0.0.1' }))
  log.note(refusedCall({ agentId: 'a', address: '10.0.0.2', requestId: 'honest' }))
  assert.ok((await rows()).some(({ requestId, address }) => requestId === 'honest' && address === '10.0.0.2'))
  await log.close()
})

test('[check 86] refusals that cannot be written are counted, kept and written later; beyond a bound they are dropped and counted', async () => {
  const { log, errors, store, rows } = openLog()
  store.isAway = true
  log.note(refusedCall())
  await log.flush()
  log.note(refusedCall())
  assert.deepEqual([errors.length, log.unwrittenCount, log.lostCount], [1, 2, 0])
  for (let minute = 2; minute < 25_000; minute++) log.note(refusedCall({ at: minute * 60_000 }))
  assert.ok(log.lostCount > 4_000 && log.unwrittenCount > 19_000)
  const noted = log.lostCount + log.unwrittenCount
  assert.equal(noted, 25_000)
  store.isAway = false
  assert.equal(countOf(await rows()), noted - log.lostCount)
  assert.equal(log.unwrittenCount, 0)
  await log.close()
})
