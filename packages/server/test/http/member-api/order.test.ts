import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { guestLogin, memberLock, memberLogin } from '@lobbykey/contract'
import { type MemberApiDependencies, memberCalls } from '../../../src/http/member-api/index.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { type Body, loginBody, signed } from '../../support/signed-body.ts'

let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway()
})
after(() => gateway.close())

test("the order of checks of a login is the contract's", () => {
  // Steps are only listed here, never run, so they need no dependencies.
  const calls = memberCalls({ signedCalls: {}, login: {}, guestLogin: {}, lifecycle: {} } as MemberApiDependencies)
  const login = calls.find(({ call }) => call === memberLogin)
  assert.deepEqual(
    login?.steps.map((step) => step.name),
    [
      'body',
      'fields',
      'fresh',
      'merchant',
      'address list',
      'rate by merchant',
      'timestamp',
      'signature',
      'currency',
      'limits',
      'callback',
      'member, status, session',
    ],
  )
  const shared = login?.steps.slice(1, 8).map((step) => step.name)
  for (const { call, steps } of calls) {
    assert.deepEqual(
      steps.slice(0, 8).map((step) => step.name),
      [call.method === 'GET' ? 'query' : 'body', ...(shared ?? [])],
    )
  }
  const guest = calls.find(({ call }) => call === guestLogin)
  assert.deepEqual(
    guest?.steps.slice(8).map((step) => step.name),
    ['currency', 'callback', 'session'],
  )
})

/** A request with every fault at once, then with the first one fixed, and so on: each answer must report the first remaining fault. */
test('a request with many faults gets the first one in order', async () => {
  const now = gateway.clock.now()
  const foreign = { address: '203.0.113.9' }
  await gateway.addMember('other')
  await gateway.post('/api/member/login', signed(loginBody(now, { token: 'token-of-other', user_id: 'other' })))
  gateway.clock.advance(1)
  await gateway.addMember('order')
  const lock = { agent_id: 'agent001', user_id: 'order', status: 'LockAll', timestamp: now }
  await gateway.post('/api/member/lock', signed(lock, { call: memberLock }))

  let body: Body = loginBody(now, {
    agent_id: 'nobody',
    user_id: 'stranger',
    token: 'token-of-other',
    timestamp: now - 3_600_000,
    currency: 'EUR',
    limits: { USD_101: '999' },
    callback: 'https://evil.example/',
    platform: 'pc',
  })
  const codes: [string, unknown][] = []
  const tell = async (fault: string, mend: Body, options: { sign?: boolean; address?: string; text?: string } = {}) => {
    const sent = options.text ?? (options.sign === false ? { ...body, sign: '0'.repeat(32) } : signed(body))
    const { json } = await gateway.post('/api/member/login', sent, options.address === undefined ? {} : { address: options.address })
    codes.push([fault, (json as Body).code])
    body = { ...body, ...mend }
  }
  await tell('body', {}, { text: '{', ...foreign })
  await tell('fields', { platform: 'h5' }, { sign: false, ...foreign })
  await tell('merchant', { agent_id: 'agent001' }, { sign: false, ...foreign })
  await tell('address list', {}, { sign: false, ...foreign })
  await gateway.updateMerchant({ settings: { ratePerSecond: 1 } })
  for (let i = 0; i < 2; i++) await gateway.post('/api/member/login', signed(loginBody(now)))
  await tell('rate by merchant', {}, { sign: false })
  await gateway.updateMerchant({ settings: { ratePerSecond: null } })
  await tell('timestamp', { timestamp: now }, { sign: false })
  await tell('signature', {}, { sign: false })
  await tell('currency', { currency: 'VND2' })
  await tell('limits', { limits: null })
  await tell('callback', { callback: null })
  await tell('member', { user_id: 'order' })
  await tell('status', { user_id: 'uid001' })
  await tell('session', { token: 'token-of-uid001' })
  await tell('none', {})
  assert.deepEqual(codes, [
    ['body', 408000],
    ['fields', 408000],
    ['merchant', 700101],
    ['address list', 408003],
    ['rate by merchant', 408004],
    ['timestamp', 408000],
    ['signature', 600100],
    ['currency', 700208],
    ['limits', 700270],
    ['callback', 408000],
    ['member', 700103],
    ['status', 700108],
    ['session', 700106],
    ['none', 200],
  ])
})
