import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AdminClient, type AdminError } from 'lobbykey-client/admin'
import { type LobbykeyError, MerchantClient } from 'lobbykey-client/merchant'
import { SellerClient } from 'lobbykey-client/seller'
import { createSessionGuard, type VerifyError } from 'lobbykey-client/verify'

const baseUrl = 'http://127.0.0.1'
/** Clears a terminal, begins a line of its own, and writes backwards. */
const evil = '\u001b[2Jno\nsuch\u202e'
const harmless = '\\u001b[2Jno\\u000asuch\\u202e'
const answering = (status: number, body: object, headers = {}) => (async () => Response.json(body, { status, headers })) as typeof fetch

test('what others wrote is escaped in the text of every error, which ends with the request ID', async () => {
  const headers = { 'x-request-id': 'r1' }
  const merchant = new MerchantClient({ baseUrl, agentId: 'a', key: 'k', fetch: answering(200, { code: 700106, message: evil }, headers) })
  await assert.rejects(merchant.logout({ user_id: 'u' }), ({ message }: LobbykeyError) => {
    assert.ok(message.startsWith(`700106 ${harmless}. `) && message.endsWith(' (request ID r1)'), message)
    return true
  })
  const admin = new AdminClient({ baseUrl, fetch: answering(404, { key: 'not_found', detail: evil, requestId: 'r2' }) })
  await assert.rejects(admin.run('merchant.show', { agentId: 'a' }), ({ message, detail }: AdminError) => {
    assert.deepEqual([message, detail], [`${harmless} (request ID r2)`, evil])
    return true
  })
  const told = answering(403, { error: 'forbidden', error_description: evil })
  const guard = createSessionGuard({ baseUrl, serviceId: 's', secret: 's', fetch: told })
  await assert.rejects(guard.check({ handle: 'h' }), ({ cause }: VerifyError) => {
    assert.equal((cause as Error).message, `HTTP 403 forbidden: ${harmless}`)
    return true
  })
  guard.close()
})

test('advice is escaped before it is told', async () => {
  const told: string[] = []
  const data = { accessToken: 'A', tokenType: 'Bearer', expiresIn: 60, refreshToken: 'R' }
  const advised = answering(200, { code: '0000', msg: 'Success', data }, { 'x-token-advice': 'reuse\u0085tokens' })
  const seller = new SellerClient({ baseUrl, email: 'e@example.com', password: 'p', fetch: advised, warn: (text) => told.push(text) })
  await seller.accessToken()
  assert.match(told.join(), /reuse\\u0085tokens/)
})
