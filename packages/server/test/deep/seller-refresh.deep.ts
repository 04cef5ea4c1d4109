/** The long forms of the refresh races: two nodes on one store, many rounds. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { raceRefreshAgainstEnds, refreshInCrowds, startNodes } from '../support/refresh-races.ts'
import { testStores } from '../support/stores.ts'

for (const storeKind of testStores()) {
  describe(`seller refresh races on ${storeKind.name}`, () => {
    test('[check 18] K15 200 rounds of 64 parallel refreshes over two nodes: one successor each', async (context) => {
      await refreshInCrowds(await startNodes(storeKind, context), 200)
    })

    test('[check 20] 1,000 refreshes that race a logout, a disabling, a revocation or a password change: no survivor', async (context) => {
      const refreshes = await raceRefreshAgainstEnds(await startNodes(storeKind, context), 1_000)
      context.diagnostic(`the refresh came first in ${refreshes} of 1,000`)
      assert.ok(refreshes >= 50 && refreshes <= 950, 'both orders were tried')
    })
  })
}
