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

test("the newest token of a family gets a pair with the family's absolute expiry, any other none", async () => {
  const issued: unknown[] = []
  const issuer = {
    issue: async (family: Refresh & { readonly absoluteExpiresAt: number }, jti: string) => {
      issued.push([family.sid, family.absoluteExpiresAt, jti])
      return { accessToken: `access of ${family.sid}` }
    },
  } as unknown as TokenIssuer
  const store = { rotate: async (batch: readonly { readonly sid: string }[]) => batch.map(({ sid }) => (sid === 'newest' ? 5_000 : null)) }
  const writer = new RefreshWriter(store, issuer)
  const [newest, older] = ['newest', 'older'].map((sid) => writer.write({ sid, successorJti: `next of ${sid}` } as Refresh))
  assert.deepEqual([await newest, await older], [{ accessToken: 'access of newest' }, null])
  assert.deepEqual(issued, [['newest', 5_000, 'next of newest']])
})
