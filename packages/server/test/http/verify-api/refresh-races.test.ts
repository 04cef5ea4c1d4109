import { describe, test } from 'node:test'
import { raceRefreshAgainstEnds, refreshInCrowds, startNodes } from '../../support/refresh-races.ts'
import { testStores } from '../../support/stores.ts'

for (const storeKind of testStores()) {
  describe(`seller refresh races on ${storeKind.name}, short form`, () => {
    test('[check 18] 64 parallel refreshes over two nodes: one successor each', async (context) => {
      await refreshInCrowds(await startNodes(storeKind, context), 3)
    })

    test('[check 20] refreshes racing a logout, a disabling, a revocation or a password change: no survivor', async (context) => {
      await raceRefreshAgainstEnds(await startNodes(storeKind, context), 20)
    })
  })
}
