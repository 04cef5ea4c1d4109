/** Who gets the same successor again, and what a thief can get (SECURITY.md, refresh tokens). */
import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { GatewayError, type SellerTokens } from '@lobbykey/contract'
import { sharedAs } from '../../../src/core/base/clock.ts'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { KeyRotation } from '../../../src/core/tokens/key-rotation.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { codeOf, decodeToken, loginTokens, me, refresh, tokensOf } from '../../support/seller-calls.ts'
import { addService, introspect } from '../../support/service-calls.ts'
import { testStores } from '../../support/stores.ts'

const minute = 60_000

async function refreshTokens(node: TestGateway, { refreshToken }: SellerTokens): Promise<SellerTokens> {
  return tokensOf(await refresh(node, refreshToken))
}

async function isRefused(node: TestGateway, { refreshToken }: SellerTokens): Promise<boolean> {
  const answer = await refresh(node, refreshToken)
  return answer.status === 401 && codeOf(answer) === '10011'
}

for (const storeKind of testStores()) {
  describe(`refresh grace over two nodes on ${storeKind.name}`, () => {
    async function start(t: TestContext, settings = {}) {
      const here = await startTestGateway({ storeKind, settings })
      const there = await here.openSecondNode()
      t.after(async () => {
        await there.close()
        await here.close()
      })
      /** No token of the family works anywhere. */
      const assertEnded = async (...pairs: SellerTokens[]) => {
        for (const node of [here, there]) {
          await node.hearChanges()
          for (const pair of pairs) {
            assert.equal(codeOf(await me(node, pair.accessToken)), '10010')
            assert.ok(await isRefused(node, pair))
          }
        }
        assert.equal((await here.store.events.list({ kind: 'seller.refresh_reuse', limit: 10 })).length, 1)
      }
      return { here, there, assertEnded }
    }

    test('[check 19] a refresh that was answered 503 but committed can be repeated within the hour, on any node', async (t) => {
      const { here, there } = await start(t)
      for (const [node, laterMs] of [
        [here, minute],
        [there, 60 * minute],
      ] as const) {
        const owned = await loginTokens(here)
        const { rotate } = here.store.sellerSessions
        const frozen = t.mock.method(here.store.sellerSessions, 'rotate', async (batch: Parameters<typeof rotate>[0]) => {
          await rotate(batch)
          throw new GatewayError('store_unavailable', { retryAfterMs: 1_000 })
        })
        assert.deepEqual([(await refresh(here, owned.refreshToken)).status, frozen.mock.callCount()], [503, 1])
        frozen.mock.restore()
        here.clock.advance(laterMs)
        const next = await refreshTokens(node, owned)
        assert.deepEqual(await refreshTokens(here, owned), next)
        assert.equal(codeOf(await me(there, next.accessToken)), '0000')
        await refreshTokens(there, next)
      }
    })

    test('[check 19] after an hour it is reuse, even if nothing was presented', async (t) => {
      const { here, there, assertEnded } = await start(t)
      const [unseen, seen] = [await loginTokens(here), await loginTokens(here)]
      const pairs = [await refreshTokens(here, unseen), await refreshTokens(here, seen)] as const
      here.clock.advance(60 * minute)
      assert.deepEqual(await refreshTokens(there, unseen), pairs[0])
      here.clock.advance(1)
      assert.ok(await isRefused(there, unseen))
      await assertEnded(pairs[0], unseen)
      assert.equal(codeOf(await me(here, pairs[1].accessToken)), '0000')
    })

    test('[check 19] in the grace a pair in use is returned again; reuse after it ends the login here before the next poll', async (t) => {
      const { here } = await start(t)
      const first = await loginTokens(here)
      const pair = await refreshTokens(here, first)
      assert.equal(codeOf(await me(here, pair.accessToken)), '0000')
      await here.flushAccessTokenUses()
      here.clock.advance(minute)
      assert.deepEqual(await refreshTokens(here, first), pair)
      here.clock.advance(1)
      await here.hearChanges()
      assert.equal(codeOf(await me(here, pair.accessToken)), '0000')
      assert.ok(await isRefused(here, first))
      assert.equal(codeOf(await me(here, pair.accessToken)), '10010')
    })

    test('a pair that another node signed with a newer key is returned here before the key is heard of', async (t) => {
      const { here, there } = await start(t)
      const { store, settings, clock } = here
      const rotation = new KeyRotation({
        store: store.signingKeys,
        sealer: new Sealer(settings.masterKey),
        shared: sharedAs(clock),
        origin: { surface: 'cli' },
        bits: 2048,
        publishMs: 600_000,
      })
      const first = await loginTokens(here)
      await rotation.rotate(true)
      clock.advance(10_000)
      await there.hearChanges()
      const next = await refreshTokens(there, first)
      assert.notEqual(decodeToken(next.accessToken).header.kid, decodeToken(first.accessToken).header.kid)
      assert.deepEqual(await refreshTokens(here, first), next)
    })

    test('[check 19] the owner has its pair and uses it; a thief with the previous token ends the login', async (t) => {
      const { here, there, assertEnded } = await start(t)
      const stolen = await loginTokens(here)
      const owned = await refreshTokens(here, stolen)
      assert.equal(codeOf(await me(here, owned.accessToken)), '0000')
      await here.flushAccessTokenUses()
      here.clock.advance(minute + 1)
      assert.ok(await isRefused(there, stolen))
      await assertEnded(owned, stolen)
    })

    test('[check 19] a thief refreshes first and uses its pair; the owner ends the login for both', async (t) => {
      const { here, there, assertEnded } = await start(t)
      const owned = await loginTokens(here)
      const stolen = await refreshTokens(there, owned)
      const service = await addService(here)
      await there.hearChanges()
      assert.equal(((await introspect(there, service, stolen.accessToken)).json as { active: boolean }).active, true)
      here.clock.advance(minute + 1)
      // On the thief's node, no write needs to be awaited.
      assert.ok(await isRefused(there, owned))
      await assertEnded(owned, stolen)
    })

    test("[check 19] a thief refreshes twice; the owner's older token ends the family, grace or not", async (t) => {
      const { here, there, assertEnded } = await start(t)
      const owned = await loginTokens(here)
      const stolen = await refreshTokens(there, await refreshTokens(there, owned))
      assert.ok(await isRefused(here, owned))
      await assertEnded(owned, stolen)
    })

    test('[check 19] thief and owner at once get one pair; the second to use it, after the other went on, ends it', async (t) => {
      const { here, there, assertEnded } = await start(t)
      const common = await loginTokens(here)
      const [owned, stolen] = await Promise.all([refreshTokens(here, common), refreshTokens(there, common)])
      assert.deepEqual(owned, stolen)
      here.clock.advance(1_000)
      const next = await refreshTokens(here, owned)
      assert.equal(codeOf(await me(here, next.accessToken)), '0000')
      await here.flushAccessTokenUses()
      here.clock.advance(minute + 1)
      assert.ok(await isRefused(there, stolen))
      await assertEnded(owned, next)
    })

    test('[check 19] REFRESH_GRACE_SECONDS=0: a pair that was presented is not returned again', async (t) => {
      const { here, there, assertEnded } = await start(t, { refreshGraceSeconds: 0 })
      const first = await loginTokens(here)
      const [second] = await Promise.all(Array.from({ length: 16 }, (_, n) => refreshTokens(n % 2 === 0 ? here : there, first)))
      assert.ok(second)
      here.clock.advance(1)
      assert.deepEqual(await refreshTokens(there, first), second)
      assert.equal(codeOf(await me(here, second.accessToken)), '0000')
      here.clock.advance(1)
      assert.ok(await isRefused(here, first))
      await assertEnded(first, second)
    })

    test('an access token used before its refresh says nothing about its successor', async (t) => {
      const { here, there } = await start(t)
      const first = await loginTokens(here)
      const second = await refreshTokens(here, first)
      for (const pair of [first, second, first]) assert.equal(codeOf(await me(there, pair.accessToken)), '0000')
      here.clock.advance(1_000)
      const third = await refreshTokens(here, second)
      for (const pair of [second, first]) assert.equal(codeOf(await me(here, pair.accessToken)), '0000')
      await Promise.all([here, there].map((node) => node.flushAccessTokenUses()))
      here.clock.advance(30 * minute)
      assert.deepEqual(await refreshTokens(there, second), third)
    })
  })
}
