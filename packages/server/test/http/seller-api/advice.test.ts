import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestGateway } from '../../support/gateway.ts'
import { login, logout, sellerAdmin, tokensOf, wrongPassword } from '../../support/seller-calls.ts'
import { testStores } from '../../support/stores.ts'

for (const storeKind of testStores()) {
  test(`a login beside a fresh token is counted and advised against, never refused; on ${storeKind.name}`, async (context) => {
    const gateway = await startTestGateway({ storeKind, settings: { accessTokenSeconds: 1_000 } })
    context.after(() => gateway.close())
    const admin = await sellerAdmin(gateway)
    const count = async () => (await admin.get('seller@example.com')).needlessLogins
    const advised = async () => {
      const answer = await login(gateway)
      const { accessToken } = tokensOf(answer)
      return { accessToken, advice: answer.headers['x-token-advice'] }
    }
    const first = await advised()
    assert.deepEqual([first.advice, await count()], [undefined, 0])
    gateway.clock.advance(499_000)
    const second = await advised()
    assert.match(String(second.advice), /^reuse; /)
    assert.equal(await count(), 1)
    // Ended tokens, and those past half their life, cause no advice.
    await logout(gateway, first.accessToken)
    await logout(gateway, second.accessToken)
    const third = await advised()
    assert.equal(third.advice, undefined)
    gateway.clock.advance(501_000)
    assert.equal((await advised()).advice, undefined)
    const refused = await login(gateway, { password: wrongPassword })
    assert.equal(refused.headers['x-token-advice'], undefined)
    assert.equal(await count(), 1)
  })
}
