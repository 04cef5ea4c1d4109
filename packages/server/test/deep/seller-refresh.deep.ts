/** The long forms of the refresh races: two nodes on one store, many rounds. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { SellerTokens } from '@lobbykey/contract'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { type Answer, startTestGateway, type TestGateway } from '../support/gateway.ts'
import { codeOf, envelopeOf, loginTokens, logout, me, refresh, sellerAdmin, tokensOf } from '../support/seller-calls.ts'
import { testStores } from '../support/stores.ts'

for (const storeKind of testStores()) {
  describe(`seller refresh races on ${storeKind.name}`, () => {
    async function start(context: { after(done: () => Promise<void>): void }): Promise<readonly [TestGateway, TestGateway]> {
      const gateway = await startTestGateway({ storeKind })
      const other = await gateway.openSecondNode()
      context.after(async () => {
        await other.close()
        await gateway.close()
      })
      return [gateway, other]
    }

    test('[check 18] 200 rounds of 64 parallel refreshes over two nodes: one successor each', async (context) => {
      const nodes = await start(context)
      let { refreshToken } = await loginTokens(nodes[0])
      for (let round = 0; round < 200; round++) {
        const calls = Array.from({ length: 64 }, (_, index) => refresh(nodes[index % 2] as TestGateway, refreshToken))
        const pairs = (await Promise.all(calls)).map(tokensOf)
        assert.equal(new Set(pairs.map((pair) => JSON.stringify(pair))).size, 1)
        refreshToken = (pairs[0] as SellerTokens).refreshToken
      }
    })

    test('[check 20] 1,000 refreshes that race a logout or a password change: nothing lives on', async (context) => {
      const nodes = await start(context)
      const admin = await sellerAdmin(nodes[0])
      for (let round = 0; round < 1_000; round++) {
        const [one, two] = round % 2 === 0 ? nodes : [nodes[1], nodes[0]]
        const { accessToken, refreshToken } = await loginTokens(one)
        const pause = async (turns: number) => {
          for (let i = 0; i < turns; i++) await setImmediate()
        }
        const end = async () => {
          await pause(round % 5)
          if (round % 10 === 0) await admin.setPassword(sampleSeller.email, sampleSeller.password)
          else await logout(two, accessToken)
        }
        const [refreshed] = await Promise.all([refresh(one, refreshToken), end()])
        const pair = envelopeOf(refreshed as Answer).data as Partial<SellerTokens> | null
        for (const node of nodes) {
          await node.hearChanges()
          assert.equal(codeOf(await refresh(node, refreshToken)), '10011')
          if (pair?.refreshToken === undefined || pair.accessToken === undefined) continue
          assert.equal(codeOf(await refresh(node, pair.refreshToken)), '10011')
          assert.equal(codeOf(await me(node, pair.accessToken)), '10010')
        }
      }
    })
  })
}
