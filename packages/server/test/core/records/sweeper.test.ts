import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sharedAs } from '../../../src/core/base/clock.ts'
import { Sweeper } from '../../../src/core/records/sweeper.ts'
import { ManualClock } from '../../support/manual-clock.ts'

/** A store with this many expired rows. */
class Expired {
  readonly dialect = 'sqlite'
  rows: number
  readonly batches: number[] = []
  onBatch: () => void = () => {}

  constructor(rows: number) {
    this.rows = rows
  }

  async sweep(_now: number, batchMax: number): Promise<number> {
    const swept = Math.min(this.rows, batchMax)
    this.rows -= swept
    this.batches.push(swept)
    this.onBatch()
    return swept
  }
}

function fail(error: unknown): never {
  throw error
}

const clock = new ManualClock()

test('sweeps in bounded batches until nothing is left, however many there are [check 80]', async () => {
  const store = new Expired(10_250)
  await new Sweeper({ store, clock, shared: sharedAs(clock), onError: fail }).run()
  assert.equal(store.rows, 0)
  assert.ok(store.batches.length > 20 && Math.max(...store.batches) <= 100, String(store.batches))
})

test('stops after the current batch', async () => {
  const store = new Expired(100_000)
  const sweeper = new Sweeper({ store, clock, shared: sharedAs(clock), onError: fail })
  let stopped: Promise<void> | undefined
  store.onBatch = () => {
    if (store.batches.length === 3) stopped = sweeper.stop()
  }
  await sweeper.run()
  await stopped
  assert.equal(store.batches.length, 3)
})
