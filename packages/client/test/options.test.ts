import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MerchantClient } from 'lobbykey-client/merchant'
import { SellerClient } from 'lobbykey-client/seller'

const good = { baseUrl: 'https://login.example.com/', agentId: 'agent001', key: 'l4gnD61pz4arJyv8' }

test('a setting that was left out is named when the client is made', () => {
  new MerchantClient(good)
  for (const name of ['baseUrl', 'agentId', 'key'])
    for (const value of [undefined, ''])
      assert.throws(() => new MerchantClient({ ...good, [name]: value }), { name: 'TypeError', message: new RegExp(`^${name} must be`) })
})

test('a base URL without its scheme is refused when the client is made', () => {
  const baseUrl = 'login.example.com:8080'
  assert.throws(() => new MerchantClient({ ...good, baseUrl }), /^TypeError: baseUrl must be the gateway's origin/)
  assert.throws(() => new SellerClient({ baseUrl, refreshToken: 'x' }), /^TypeError: baseUrl must be the gateway's origin/)
})
