/** Races of refreshes on two gateways with one store; `npm test` runs a few rounds, `npm run test:deep` very many. */
import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import type { SellerTokens } from '@lobbykey/contract'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { type Answer, startTestGateway, type TestGateway } from './gateway.ts'
import { bearer, codeOf, envelopeOf, loginTokens, logout, me, refresh, sellerAdmin, tokensOf } from './seller-calls.ts'
import { addService, introspect, revoke } from './service-calls.ts'
import type { StoreKind } from './stores.ts'

export type Nodes = readonly [TestGateway, TestGateway]

export async function startNodes(storeKind: StoreKind, context: { after(done: () => Promise<void>): void }): Promise<Nodes> {
  const gateway = await startTestGateway({ storeKind })
  const other = await gateway.openSecondNode()
  context.after(async () => {
    await other.close()
    await gateway.close()
  })
  return [gateway, other]
}

/** 64 concurrent refreshes of one token over both nodes, again and again: one successor each time, and no error. */
export async function refreshInCrowds(nodes: Nodes, rounds: number): Promise<void> {
  let { refreshToken } = await loginTokens(nodes[0])
  for (let round = 0; round < rounds; round++) {
    const presented = refreshToken
    const calls = Array.from({ length: 64 }, (_, index) => refresh(nodes[index % 2] as TestGateway, presented))
    const pairs = (await Promise.all(calls)).map(tokensOf)
    assert.equal(new Set(pairs.map((pair) => JSON.stringify(pair))).size, 1, `round ${round}`)
    refreshToken = (pairs[0] as SellerTokens).refreshToken
    // A second later, so that the next pair differs.
    nodes[0].clock.advance(1_000)
  }
}

/**
 * A refresh racing an end of its family, at various distances: whichever comes first, no token of the family works after the acknowledged end is
 * known, for refresh, `me`, introspection or forward-auth, on either node.
 *
 * @returns how often the refresh came first
 */
export async function raceRefreshAgainstEnds(nodes: Nodes, rounds: number): Promise<number> {
  let refreshes = 0
  const admin = await sellerAdmin(nodes[0])
  const service = await addService(nodes[0])
  await nodes[1].hearChanges()
  const ends: ((node: TestGateway, tokens: SellerTokens) => Promise<unknown>)[] = [
    (node, { accessToken }) => logout(node, accessToken),
    () => admin.setStatus(sampleSeller.email, 'disabled'),
    (node, { refreshToken }) => revoke(node, service, refreshToken),
    () => admin.endSessions(sampleSeller.email),
    () => admin.setPassword(sampleSeller.email, sampleSeller.password),
  ]
  for (let round = 0; round < rounds; round++) {
    const [one, two] = round % 2 === 0 ? nodes : [nodes[1], nodes[0]]
    const end = ends[round % ends.length] ?? assert.fail()
    const first = await loginTokens(one)
    const pause = async (turns: number) => {
      for (let turn = 0; turn < turns; turn++) await setImmediate()
    }
    const late = Math.floor(round / ends.length) % 12
    const [refreshed] = await Promise.all([
      pause(Math.max(0, late - 6)).then(() => refresh(one, first.refreshToken)),
      pause(Math.max(0, 6 - late)).then(() => end(two, first)),
    ])
    const second = envelopeOf(refreshed as Answer).data as unknown as SellerTokens | null
    if (second !== null) refreshes += 1
    for (const node of nodes) {
      await node.hearChanges()
      for (const { accessToken, refreshToken } of [first, ...(second === null ? [] : [second])]) {
        assert.equal(codeOf(await refresh(node, refreshToken)), '10011', `round ${round}`)
        assert.equal(codeOf(await me(node, accessToken)), '10010', `round ${round}`)
        assert.equal((await introspect(node, service, accessToken)).text, '{"active":false}', `round ${round}`)
        assert.equal((await node.request('GET', '/verify', bearer(accessToken))).status, 401, `round ${round}`)
      }
    }
    if (round % ends.length === 1) await admin.setStatus(sampleSeller.email, 'enabled')
  }
  return refreshes
}
