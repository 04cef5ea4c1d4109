import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SellerTokens } from '@lobbykey/contract'
import { sampleSeller } from '../../../src/sandbox/sample-partners.ts'
import { sampleEvent } from '../../store/samples.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import {
  codeOf,
  decodeToken,
  envelopeOf,
  login,
  loginTokens,
  logout,
  me,
  refresh,
  sellerAdmin,
  tokensOf,
} from '../../support/seller-calls.ts'
import { testStores } from '../../support/stores.ts'

const day = 86_400_000

async function refreshTokens(gateway: TestGateway, refreshToken: string): Promise<SellerTokens> {
  return tokensOf(await refresh(gateway, refreshToken))
}

for (const storeKind of testStores()) {
  describe(`seller refresh on ${storeKind.name}`, () => {
    const start = (settings = {}) => startTestGateway({ storeKind, settings })

    test('a refresh returns a new pair of the same family; both old and new access tokens work', async (context) => {
      const gateway = await start()
      context.after(() => gateway.close())
      const first = await loginTokens(gateway)
      gateway.clock.advance(60_000)
      const second = await refreshTokens(gateway, first.refreshToken)
      const [before, after] = [decodeToken(first.refreshToken).claims, decodeToken(second.refreshToken).claims]
      assert.equal(after.sid, before.sid)
      assert.notEqual(after.jti, before.jti)
      assert.equal(after.iat, Number(before.iat) + 60)
      assert.equal(second.expiresIn, 86_400)
      for (const { accessToken } of [first, second]) assert.equal(codeOf(await me(gateway, accessToken)), '0000')
    })

    test('a refreshed pair is timed from the whole second of its refresh', async (context) => {
      const gateway = await start({ accessTokenSeconds: 600, refreshIdleSeconds: 7_200 })
      context.after(() => gateway.close())
      const first = await loginTokens(gateway)
      gateway.clock.advance(61_700)
      const second = await refreshTokens(gateway, first.refreshToken)
      const iat = Math.floor(gateway.clock.now() / 1_000)
      const times = [second.accessToken, second.refreshToken].map((token) => decodeToken(token).claims).map(({ iat, exp }) => [iat, exp])
      assert.deepEqual(times, [
        [iat, iat + 600],
        [iat, iat + 7_200],
      ])
      const session = await gateway.store.sellerSessions.find(String(decodeToken(second.refreshToken).claims.sid))
      assert.deepEqual([session?.issuedAt, session?.accessExpiresAt], [iat * 1_000, (iat + 600) * 1_000])
    })

    test('concurrent refreshes of one token in one process are one write, those of different tokens are not', async (context) => {
      const gateway = await start()
      context.after(() => gateway.close())
      const [one, two] = [await loginTokens(gateway), await loginTokens(gateway)]
      const rotate = context.mock.method(gateway.store.sellerSessions, 'rotate')
      await Promise.all(Array.from({ length: 16 }, (_, n) => refreshTokens(gateway, (n % 2 === 0 ? one : two).refreshToken)))
      assert.equal(rotate.mock.calls.flatMap(({ arguments: [batch] }) => batch).length, 2)
    })

    test('[check 18] 64 parallel refreshes of one token all get the one successor', async (context) => {
      const gateway = await start()
      context.after(() => gateway.close())
      let { refreshToken } = await loginTokens(gateway)
      for (let round = 0; round < 3; round++) {
        const presented = refreshToken
        const answers = await Promise.all(Array.from({ length: 64 }, () => refresh(gateway, presented)))
        const bodies = new Set(answers.map((answer) => JSON.stringify(tokensOf(answer))))
        assert.equal(bodies.size, 1)
        refreshToken = tokensOf(answers[0] as (typeof answers)[0]).refreshToken
        const sid = String(decodeToken(refreshToken).claims.sid)
        assert.equal((await gateway.store.sellerSessions.find(sid))?.endedAt, null)
      }
    })

    test('[check 19] within a minute a repeat gets the identical pair, even after a restart', async (context) => {
      const gateway = await start()
      context.after(() => gateway.close())
      gateway.clock.advance(789)
      const { refreshToken } = await loginTokens(gateway)
      gateway.clock.advance(1_234)
      const answered = await refreshTokens(gateway, refreshToken)
      gateway.clock.advance(59_000)
      assert.deepEqual(await refreshTokens(gateway, refreshToken), answered)
      await gateway.restart()
      gateway.clock.advance(1_000)
      assert.deepEqual(await refreshTokens(gateway, refreshToken), answered)
      assert.equal(codeOf(await me(gateway, answered.accessToken)), '0000')
      await refreshTokens(gateway, answered.refreshToken)
    })

    test('[check 19] after the grace a used token ends its whole family', async (context) => {
      const gateway = await start()
      context.after(() => gateway.close())
      const first = await loginTokens(gateway)
      const other = await loginTokens(gateway)
      const second = await refreshTokens(gateway, first.refreshToken)
      await me(gateway, second.accessToken)
      gateway.clock.advance(60_001)
      assert.equal(codeOf(await refresh(gateway, first.refreshToken)), '10011')
      assert.equal(codeOf(await refresh(gateway, second.refreshToken)), '10011')
      for (const { accessToken } of [first, second]) assert.equal(codeOf(await me(gateway, accessToken)), '10010')
      assert.equal(codeOf(await me(gateway, other.accessToken)), '0000')
      await refreshTokens(gateway, other.refreshToken)

      const [reuse, ...more] = await gateway.store.events.list({ kind: 'seller.refresh_reuse', limit: 10 })
      const { sid, sub } = decodeToken(first.refreshToken).claims
      assert.deepEqual([reuse?.details, more.length], [{ sid }, 0])
      assert.deepEqual([reuse?.surface, reuse?.subject, reuse?.address, reuse?.at], ['seller-api', sub, '127.0.0.1', gateway.clock.now()])
      assert.match(reuse?.requestId ?? '', /./)
    })

    test('[check 19] a token older than the predecessor has no grace', async (context) => {
      const gateway = await start()
      context.after(() => gateway.close())
      const first = await loginTokens(gateway)
      const second = await refreshTokens(gateway, first.refreshToken)
      const third = await refreshTokens(gateway, second.refreshToken)
      assert.equal(codeOf(await refresh(gateway, first.refreshToken)), '10011')
      for (const { refreshToken } of [second, third]) assert.equal(codeOf(await refresh(gateway, refreshToken)), '10011')
    })

    test('[check 20] a refresh racing a logout leaves nothing alive', async (context) => {
      const gateway = await start()
      context.after(() => gateway.close())
      for (let round = 0; round < 10; round++) {
        const { accessToken, refreshToken } = await loginTokens(gateway)
        const calls = [() => refresh(gateway, refreshToken), () => logout(gateway, accessToken)]
        const [one, two] = await Promise.all((round % 2 === 0 ? calls : calls.reverse()).map((call) => call()))
        const refreshed = [one, two].map((answer) => envelopeOf(answer as NonNullable<typeof one>).data as Partial<SellerTokens> | null)
        for (const pair of refreshed) {
          if (pair?.refreshToken === undefined || pair.accessToken === undefined) continue
          assert.equal(codeOf(await refresh(gateway, pair.refreshToken)), '10011')
          assert.equal(codeOf(await me(gateway, pair.accessToken)), '10010')
        }
        assert.equal(codeOf(await refresh(gateway, refreshToken)), '10011')
      }
    })

    test('[check 21] an end by the operator or another node takes effect here within a poll', async (context) => {
      const gateway = await start()
      context.after(() => gateway.close())
      const admin = await sellerAdmin(gateway)
      const ends = [
        () => admin.endSessions(sampleSeller.email),
        () => admin.setPassword(sampleSeller.email, sampleSeller.password),
        () => admin.setStatus(sampleSeller.email, 'disabled'),
      ]
      for (const end of ends) {
        const families = await Promise.all(Array.from({ length: 25 }, () => loginTokens(gateway)))
        for (const { accessToken } of families) assert.equal(codeOf(await me(gateway, accessToken)), '0000')
        await end()
        await gateway.hearChanges()
        for (const { accessToken, refreshToken } of families) {
          assert.equal(codeOf(await me(gateway, accessToken)), '10010')
          assert.equal(codeOf(await refresh(gateway, refreshToken)), '10011')
        }
      }
    })

    test('[check 18] [check 19] [check 21] two nodes: one successor, identical from either, ended on both', async (context) => {
      const gateway = await start()
      const other = await gateway.openSecondNode()
      context.after(async () => {
        await other.close()
        await gateway.close()
      })
      const post = (index: number, refreshToken: string) =>
        index % 2 === 0 ? refresh(gateway, refreshToken) : refresh(other, refreshToken)

      const first = await loginTokens(gateway)
      const answers = await Promise.all(Array.from({ length: 64 }, (_, index) => post(index, first.refreshToken)))
      assert.equal(new Set(answers.map((answer) => JSON.stringify(tokensOf(answer)))).size, 1)
      const second = tokensOf(answers[0] as (typeof answers)[0])
      const third = await refreshTokens(other, second.refreshToken)
      assert.deepEqual(await refreshTokens(gateway, second.refreshToken), third)
      for (const node of [gateway, other]) assert.equal(codeOf(await me(node, third.accessToken)), '0000')

      assert.equal(codeOf(await refresh(gateway, first.refreshToken)), '10011')
      assert.equal(codeOf(await refresh(other, third.refreshToken)), '10011')
      await other.hearChanges()
      for (const node of [gateway, other]) assert.equal(codeOf(await me(node, third.accessToken)), '10010')
    })

    test('`me` tells a changed e-mail on every node, though it holds accounts in memory', async (context) => {
      const gateway = await start()
      const other = await gateway.openSecondNode()
      context.after(async () => {
        await other.close()
        await gateway.close()
      })
      const { accessToken } = await loginTokens(gateway)
      const told = async (node: TestGateway) => envelopeOf(await me(node, accessToken)).data as { sellerId: string; email: string }
      const { sellerId, email } = await told(gateway)
      assert.equal((await told(other)).email, email)
      const seller = (await gateway.store.sellers.findById(sellerId)) ?? assert.fail()
      const changed = {
        id: seller.id,
        email: 'moved@example.com',
        labels: {},
        expectedUpdatedAt: seller.updatedAt,
        updatedAt: gateway.clock.now(),
      }
      await other.store.sellers.update(changed, sampleEvent())
      for (const node of [gateway, other]) {
        await node.hearChanges()
        assert.equal((await told(node)).email, 'moved@example.com')
      }
    })

    test('[check 21] a revocation outlives a restart', async (context) => {
      const gateway = await start()
      context.after(() => gateway.close())
      const { accessToken, refreshToken } = await loginTokens(gateway)
      await logout(gateway, accessToken)
      await gateway.restart()
      assert.equal(codeOf(await me(gateway, accessToken)), '10010')
      assert.equal(codeOf(await refresh(gateway, refreshToken)), '10011')
    })
  })
}

test('[check 17] a refresh token lives 7 days unused, and no refresh extends a family beyond 30 days', async (context) => {
  const gateway = await startTestGateway()
  context.after(() => gateway.close())
  const idle = await loginTokens(gateway)
  const inTime = await loginTokens(gateway)
  gateway.clock.advance(7 * day - 1)
  await refreshTokens(gateway, inTime.refreshToken)
  gateway.clock.advance(1)
  assert.equal(codeOf(await refresh(gateway, idle.refreshToken)), '10011')

  const begun = gateway.clock.now()
  let { refreshToken } = await loginTokens(gateway)
  for (let week = 0; week < 5; week++) {
    const exp = Number(decodeToken(refreshToken).claims.exp) * 1_000
    assert.ok(exp <= begun + 30 * day)
    if (exp === begun + 30 * day) break
    gateway.clock.advance(6 * day)
    refreshToken = await refreshTokens(gateway, refreshToken).then((pair) => pair.refreshToken)
  }
  gateway.clock.advance(begun + 30 * day - 1 - gateway.clock.now())
  refreshToken = (await refreshTokens(gateway, refreshToken)).refreshToken
  gateway.clock.advance(1)
  assert.equal(codeOf(await refresh(gateway, refreshToken)), '10011')
})

test('logout ends its own login only, and two concurrent logouts succeed', async (context) => {
  const gateway = await startTestGateway()
  context.after(() => gateway.close())
  const [ended, other] = [await loginTokens(gateway), await loginTokens(gateway)]
  const answers = await Promise.all([logout(gateway, ended.accessToken), logout(gateway, ended.accessToken)])
  for (const answer of answers) assert.ok(['0000', '10010'].includes(codeOf(answer)))
  assert.equal(codeOf(await logout(gateway, ended.accessToken)), '10010')
  assert.equal(codeOf(await me(gateway, other.accessToken)), '0000')
  assert.equal(codeOf(await login(gateway)), '0000')
  const kinds = (await gateway.store.events.list({ kind: 'seller.session_ended', limit: 10 })).map(({ details }) => details?.reason)
  assert.deepEqual(kinds, ['logout'])
})
