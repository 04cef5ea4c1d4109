import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Refresh, RefreshWriter } from '../../../src/core/sellers/refresh-writer.ts'
import type { TokenIssuer } from '../../../src/core/tokens/token-issuer.ts'

test('refreshes that come together share a batch, which holds no family twice', async () => {
  const batches: string[][] = []
  const store = {
    rotate: async (batch: readonly { readonly sid: string }[]) => {
      batches.push(batch.map(({ sid }) => sid))
      return batch.map(() => null)
    },
  }
  // Nothing is issued for tokens that are not the newest.
  const writer = new RefreshWriter(store, {} as TokenIssuer)
  const refreshes = ['a', 'b', 'a', 'c', 'a'].map((sid) => writer.write({ sid } as Refresh))
  assert.deepEqual(await Promise.all(refreshes), [null, null, null, null, null])
  assert.deepEqual(batches.flat().sort(), ['a', 'a', 'a', 'b', 'c'])
  for (const batch of batches) assert.equal(new Set(batch).size, batch.length, batch.join())
  assert.deepEqual([...(batches[0] ?? [])].sort(), ['a', 'b', 'c'])
})
