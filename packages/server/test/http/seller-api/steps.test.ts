import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sellerOperations } from '../../../src/http/seller-api/index.ts'
import { startTestGateway } from '../../support/gateway.ts'
import { authPath, bearer, codeOf, loginTokens, logout } from '../../support/seller-calls.ts'

test('the order of steps of every operation', () => {
  const services = {} as Parameters<typeof sellerOperations>[0]['services']
  const operations = sellerOperations({ feed: { assertFresh: () => undefined }, services })
  const order = Object.fromEntries(operations.map(({ name, steps }) => [name, steps.map((step) => step.name)]))
  const bearerSteps = ['token-place', 'bearer-token', 'fresh', 'access-token']
  assert.deepEqual(order, {
    login: ['token-place', 'body', 'fields', 'login'],
    refresh: ['token-place', 'body', 'fields', 'refresh'],
    logout: [...bearerSteps, 'body', 'fields', 'logout'],
    password: [...bearerSteps, 'body', 'fields', 'password'],
    password_reset: ['token-place', 'body', 'fields', 'password-reset'],
    me: [...bearerSteps, 'me'],
  })
})

test('of two faults the earlier step decides', async (context) => {
  const gateway = await startTestGateway()
  context.after(() => gateway.close())
  const { accessToken } = await loginTokens(gateway)
  const { accessToken: ended } = await loginTokens(gateway)
  await logout(gateway, ended)
  const post = async (name: string, body: object | string, options: Parameters<typeof gateway.post>[2] = {}) =>
    codeOf(await gateway.post(`${authPath}/${name}`, body, options))

  // A token in the URL before the body; the body's form before its fields; the fields before the account.
  assert.equal(await post('login?access_token=x', '{'), '10005')
  assert.equal(await post('login', '{"nonsense":[1],"password":1}'), '10002')
  assert.equal(await post('login', { email: 'nobody@example.com', password: 'x', more: 1 }), '10005')
  // The media type before everything.
  assert.equal(await post('login?access_token=x', '{', { headers: { 'content-type': 'text/plain' } }), '10002')
  // The caller before the body.
  assert.equal(await post('logout', '{'), '10008')
  assert.equal(await post('logout', '{', bearer(ended)), '10010')
  assert.equal(await post('logout', '{', bearer(accessToken)), '10002')
  assert.equal(await post('logout', { sid: 'x' }, bearer(accessToken)), '10005')
  assert.equal(await post('logout', {}, bearer(accessToken)), '0000')
})
