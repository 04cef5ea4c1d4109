/** The permission matrix of all operations: a new operation is covered automatically, and one that nobody may run, or that lacks a sample, fails. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type AdminOperationName,
  adminOperation,
  adminOperationNames,
  hasRight,
  type Right,
  rights,
  roleNames,
} from '@lobbykey/contract/admin'
import { type AdminAnswer, addOperator, addToken, adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'

const own = 'agent001'
const another = 'agent007'

/** Values for path parameters; what they name need not exist. */
const pathValues: Readonly<Record<string, string>> = {
  keyId: 'nokey',
  serviceId: 'noservice',
  operatorId: 'nobody',
  tokenId: 'notoken',
  invitationId: 'noinvitation',
  passkeyId: 'nopasskey',
  proposalId: 'noproposal',
  userId: 'uid001',
  address: '127.0.0.1',
  gameId: '101',
  kid: 'nokey',
  requestId: 'norequest',
  sellerId: 'noseller',
  sid: 'nosession',
  sessionId: '00000000000000000000000000000000-k0000000',
}

/** A call that reaches the operation's own rules and does nothing: its object does not exist, or it is a rehearsal. */
async function attempt(gateway: TestGateway, token: string, name: AdminOperationName, agentId: string, body = {}): Promise<AdminAnswer> {
  const { method, path } = adminOperation(name)
  const url = path.replaceAll(/\{(\w+)\}/g, (_text, field: string) =>
    field === 'agentId' ? agentId : (pathValues[field] ?? assert.fail(field)),
  )
  const query = name === 'merchant.test-address' ? '?address=127.0.0.1' : method === 'GET' ? '' : '?validateOnly=true'
  return adminCall(gateway, token, method, url + query, {
    ...(method === 'GET' || method === 'DELETE' ? {} : { body }),
    headers: { 'if-match': '"1"' },
  })
}

describe('[check 60] [check 93] role × operation × merchant', () => {
  let gateway: TestGateway
  before(async () => {
    gateway = await startTestGateway({ settings: { adminPort: 8081 } })
  })
  after(() => gateway.close())

  test('every operation is allowed for somebody, and every role can do something', () => {
    for (const name of adminOperationNames)
      assert.ok(
        roleNames.some((role) => hasRight(role, adminOperation(name).right)),
        name,
      )
    for (const role of roleNames)
      assert.ok(
        adminOperationNames.some((name) => hasRight(role, adminOperation(name).right)),
        role,
      )
  })

  for (const role of roleNames) {
    for (const isHeld of role === 'partner' ? [true] : [false, true]) {
      test(`${role}${isHeld ? ', held to one merchant' : ''}`, async () => {
        const token = await addToken(gateway, await addOperator(gateway, role, isHeld ? [own] : null))
        const cautious = await addToken(gateway, await addOperator(gateway, role, isHeld ? [own] : null), { allowConfirmed: false })
        for (const name of adminOperationNames) {
          const { right, reach, isConfirmed, isForPeople } = adminOperation(name)
          const mayDo = hasRight(role, right) && !(isHeld && reach === 'platform')
          for (const agentId of reach === 'merchant' ? [own, another] : [own]) {
            const { status, json } = await attempt(gateway, token, name, agentId)
            const what = `${role} ${name} ${agentId}: ${status} ${JSON.stringify(json)}`
            if (!mayDo) {
              assert.deepEqual([status, json.key], [403, 'forbidden'], what)
              if (!hasRight(role, right)) assert.match(json.detail, new RegExp(`\\b${right}\\b`), what)
            } else if (isHeld && agentId === another) {
              assert.deepEqual([status, json.key], [404, 'merchant_not_found'], what)
              const nowhere = await attempt(gateway, token, name, 'nosuchmerchant')
              assert.equal(json.detail.replace(another, 'nosuchmerchant'), nowhere.json.detail, 'told as one that does not exist')
            } else assert.equal(status === 403, isForPeople === true, what)
          }
          if (mayDo && isConfirmed) {
            const { status, json } = await attempt(gateway, cautious, name, own)
            assert.deepEqual([status, json.key], [403, isForPeople ? 'forbidden' : 'confirmation_required'], name)
          }
        }
      })
    }
  }

  test('every right guards an operation, or a field of one', () => {
    const guarding = adminOperationNames.flatMap((name) => {
      const { right, fieldRights = {} } = adminOperation(name)
      return [right, ...Object.values(fieldRights)]
    })
    assert.deepEqual(
      Object.keys(rights).filter((right) => !guarding.includes(right as Right)),
      [],
    )
  })

  test("a field with a right of its own is refused without it, even for the caller's own merchant", async () => {
    for (const role of roleNames) {
      const token = await addToken(gateway, await addOperator(gateway, role, role === 'partner' ? [own] : null))
      for (const name of adminOperationNames) {
        const { right, fieldRights = {} } = adminOperation(name)
        for (const [field, fieldRight] of Object.entries(fieldRights)) {
          const { status, json } = await attempt(gateway, token, name, own, { [field]: true })
          const what = `${role} ${name} ${field}: ${status} ${JSON.stringify(json)}`
          if (hasRight(role, right) && hasRight(role, fieldRight)) assert.notEqual(status, 403, what)
          else assert.deepEqual([status, json.key], [403, 'forbidden'], what)
        }
      }
    }
  })

  test('a list shows callers restricted to merchants no others', async () => {
    const token = await addToken(gateway, await addOperator(gateway, 'support', [own]))
    const { json } = await adminCall(gateway, token, 'GET', '/merchants')
    assert.deepEqual(
      json.items.map(({ agentId }: { agentId: string }) => agentId),
      [own],
    )
    assert.deepEqual((await adminCall(gateway, token, 'GET', `/merchants?q=${another}`)).json.items, [])
  })

  test('a reduced role or list of merchants, and a disabled operator, take effect at the next call', async () => {
    const operator = await addOperator(gateway, 'manager')
    const token = await addToken(gateway, operator)
    const held = await addToken(gateway, operator, { agentIds: [own] })
    const owner = await addToken(gateway, await addOperator(gateway, 'owner'))
    const path = `/operators/${operator.id}`
    const change = async (body: object) => {
      const { etag } = (await adminCall(gateway, owner, 'GET', path)).headers as { etag: string }
      assert.equal((await adminCall(gateway, owner, 'PATCH', path, { body, headers: { 'if-match': etag } })).status, 200)
    }
    await change({ agentIds: [own] })
    assert.equal((await adminCall(gateway, token, 'GET', `/merchants/${another}`)).status, 404)
    await change({ agentIds: [another] })
    for (const agentId of [own, another])
      assert.equal((await adminCall(gateway, held, 'GET', `/merchants/${agentId}`)).json.key, 'merchant_not_found', agentId)
    assert.deepEqual((await adminCall(gateway, held, 'GET', '/merchants')).json.items, [])
    await change({ agentIds: [own] })
    assert.equal((await adminCall(gateway, held, 'GET', `/merchants/${own}`)).status, 200)
    await change({ role: 'support' })
    assert.equal((await adminCall(gateway, token, 'POST', `/merchants/${own}/disable`, { body: {} })).status, 403)
    await adminCall(gateway, owner, 'POST', `${path}/disable`, { body: {} })
    assert.equal((await adminCall(gateway, token, 'GET', '/merchants')).status, 401)
  })

  test('the last owner cannot be demoted or disabled, not even by two calls at once', async () => {
    const fresh = await startTestGateway({ settings: { adminPort: 8081 } })
    try {
      const [one, two] = [await addOperator(fresh, 'owner'), await addOperator(fresh, 'owner')]
      const [first, second] = [await addToken(fresh, one), await addToken(fresh, two)]
      const answers = await Promise.all([
        adminCall(fresh, first, 'POST', `/operators/${two.id}/disable`, { body: {} }),
        adminCall(fresh, second, 'POST', `/operators/${one.id}/disable`, { body: {} }),
      ])
      assert.ok(answers.some(({ status }) => status !== 200))
      const owners = (await fresh.store.operators.list({ limit: 10 })).filter(({ status }) => status === 'enabled')
      assert.equal(owners.length, 1)
    } finally {
      await fresh.close()
    }
  })

  test('who is limited to some merchants sees and revokes no tokens and sessions but their own', async () => {
    const [all, limited] = [await addOperator(gateway, 'owner'), await addOperator(gateway, 'owner', [own])]
    const [foreign, mine] = [await addToken(gateway, all), await addToken(gateway, limited)]
    const everyones = (await adminCall(gateway, foreign, 'GET', `/tokens?operatorId=${all.id}`)).json.items
    assert.equal(everyones.length, 1)
    for (const query of ['', `?operatorId=${all.id}`]) {
      const { json } = await adminCall(gateway, mine, 'GET', `/tokens${query}`)
      assert.deepEqual(new Set(json.items.map(({ operatorId }: { operatorId: string }) => operatorId)), new Set([limited.id]))
      assert.equal((await adminCall(gateway, mine, 'GET', `/console-sessions${query}`)).json.items.length, 0)
    }
    assert.equal((await adminCall(gateway, mine, 'POST', `/tokens/${everyones[0].tokenId}/revoke`, { body: {} })).status, 404)
    assert.equal((await adminCall(gateway, foreign, 'GET', '/account')).status, 200, 'it still works')
  })

  test('a token grants no more than it has, works only from its addresses, and ends when revoked or expired', async () => {
    const owner = await addOperator(gateway, 'owner')
    const narrow = await addToken(gateway, owner, { rights: ['self', 'merchants.read'], agentIds: [own] })
    const make = (body: object) => adminCall(gateway, narrow, 'POST', '/tokens', { body: { name: 'child', ...body } })
    assert.equal((await make({ rights: ['merchants.write'] })).json.key, 'forbidden')
    assert.equal((await make({ agentIds: null })).json.key, 'forbidden')
    const child = await make({})
    assert.equal(child.status, 201)
    assert.equal((await adminCall(gateway, child.json.token, 'GET', `/merchants/${another}`)).status, 404)
    assert.equal((await adminCall(gateway, child.json.token, 'GET', '/services')).status, 403)

    const bound = await addToken(gateway, owner, { allow: ['192.0.2.0/24'] })
    assert.equal((await adminCall(gateway, bound, 'GET', '/merchants')).status, 401)
    assert.equal((await adminCall(gateway, bound, 'GET', '/merchants', { address: '192.0.2.9' })).status, 200)
    const makeBound = (body: object) =>
      adminCall(gateway, bound, 'POST', '/tokens', { body: { name: 'child', ...body }, address: '192.0.2.9' })
    for (const allow of [['203.0.113.9'], ['192.0.0.0/16'], ['192.0.2.9', '::/0']])
      assert.equal((await makeBound({ allow })).json.key, 'forbidden', `${allow}`)
    assert.equal((await makeBound({ allow: ['192.0.2.128/25'] })).status, 201)
    const grandchild = await makeBound({ days: 366 })
    const asGrandchild = (address: string) => adminCall(gateway, grandchild.json.token, 'GET', '/merchants', { address })
    assert.deepEqual([(await asGrandchild('203.0.113.9')).status, (await asGrandchild('192.0.2.9')).status], [401, 200])
    assert.equal((await adminCall(gateway, child.json.token, 'POST', `/tokens/${child.json.tokenId}/revoke`, { body: {} })).status, 200)
    assert.equal((await adminCall(gateway, child.json.token, 'GET', '/merchants')).status, 401)
    gateway.clock.advance(86_400_000)
    assert.equal((await adminCall(gateway, bound, 'GET', '/merchants', { address: '192.0.2.9' })).status, 401)
    assert.equal((await asGrandchild('192.0.2.9')).status, 401, 'none outlives the token that made it')
  })
})
