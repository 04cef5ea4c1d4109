import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memberLock, memberLogin, memberLogout } from '@lobbykey/contract'
import { sharedAs } from '../src/core/base/clock.ts'
import { Sealer } from '../src/core/base/sealer.ts'
import { BrandAdmin } from '../src/core/brands/brand-admin.ts'
import { MerchantAdmin } from '../src/core/merchants/merchant-admin.ts'
import { ConnectionRequests } from '../src/core/operators/connection-requests.ts'
import { KeyRotation } from '../src/core/tokens/key-rotation.ts'
import { rightsOf } from '../src/operations/caller.ts'
import { sampleSeller } from '../src/sandbox/sample-partners.ts'
import { addOperator } from './support/admin-calls.ts'
import { EventStreamReader } from './support/event-stream-reader.ts'
import { startTestGateway, type TestGateway } from './support/gateway.ts'
import { makePng } from './support/pictures.ts'
import { authPath, bearer, codeOf, decodeToken, login, loginTokens, logout, me, refresh, sellerAdmin } from './support/seller-calls.ts'
import { addService, basic, introspect, postForm, serviceAdmin } from './support/service-calls.ts'
import { type Body, loginBody, signed } from './support/signed-body.ts'
import { sampleBody, sendCall } from './support/signed-calls.ts'
import { takeSnapshot } from './support/store-snapshot.ts'
import { testStores } from './support/stores.ts'

const agentId = 'agent001'

for (const storeKind of testStores()) {
  const withNodes = (title: string, run: (nodes: readonly [TestGateway, TestGateway]) => Promise<void>) =>
    test(`${title} (${storeKind.name})`, async () => {
      const first = await startTestGateway({ storeKind })
      try {
        const second = await first.openSecondNode()
        try {
          await run([first, second])
        } finally {
          await second.close()
        }
      } finally {
        await first.close()
      }
    })
  const snapshot = ({ settings }: TestGateway) => takeSnapshot(settings.databaseUrl)
  const hear = async (nodes: readonly TestGateway[]) => {
    for (const node of nodes) await node.hearChanges()
  }
  const tick = (node: TestGateway) => {
    node.clock.advance(1)
    return node.clock.now()
  }
  const openSession = async (node: TestGateway, changes: Body = {}) => {
    const body = signed(loginBody(tick(node), changes))
    const answer = await node.post(memberLogin.path, body)
    assert.equal((answer.json as Body).code, 200, answer.text)
    return { body, token: String(body.token) }
  }
  const memberCode = async (node: TestGateway, userId = 'uid001') =>
    ((await node.post(memberLogin.path, signed(loginBody(tick(node), { user_id: userId })))).json as Body).code
  const breaks = ({ store }: TestGateway) => store.events.list({ kind: 'store.went_back', limit: 10 })

  withNodes('[check 81] logins that ended in the lost window are ended again, on every node', async (nodes) => {
    const [one, two] = nodes
    const service = await addService(one)
    await hear(nodes)
    const sellers = [await loginTokens(one), await loginTokens(two)]
    const sessions = [await openSession(one), await openSession(two, { user_id: 'uid001' })]
    const before = await snapshot(one)
    for (const [index, { accessToken }] of sellers.entries()) await logout(nodes[index] ?? one, accessToken)
    await sendCall(one, memberLogout, sampleBody(memberLogout, tick(one)))
    await hear(nodes)
    await before.restore()
    await hear(nodes)
    for (const node of nodes) {
      for (const { accessToken, refreshToken } of sellers) {
        assert.equal(codeOf(await me(node, accessToken)), '10010')
        assert.equal(codeOf(await refresh(node, refreshToken)), '10011')
      }
      for (const { token } of sessions) {
        const { json } = await postForm(node, '/session/check', { agent_id: agentId, token }, { headers: basic(service) })
        assert.deepEqual(json, { active: false })
      }
    }
    assert.equal((await one.store.memberSessions.listLive(agentId, 'uid001', one.clock.now())).length, 0)
    const events = await breaks(one)
    assert.equal(events.length, 2, 'each process tells it')
    assert.deepEqual(events.map(({ details }) => (details as { written: Record<string, number> }).written.memberSessions).sort(), [0, 2])
  })

  withNodes('[check 81] what one process did is ended again although no other heard of it', async (nodes) => {
    const [one, two] = nodes
    const seller = await loginTokens(one)
    const member = await openSession(one)
    await hear(nodes)
    const before = await snapshot(one)
    await logout(one, seller.accessToken)
    await sendCall(one, memberLock, sampleBody(memberLock, tick(one), { status: 'LockAll' }))
    await before.restore()
    // Each node reloads, and then learns what the other one rewrote.
    await hear(nodes)
    await hear(nodes)
    assert.equal(codeOf(await me(two, seller.accessToken)), '10010')
    assert.equal(await memberCode(two), 700108)
    assert.equal((await one.store.memberSessions.listLive(agentId, 'uid001', one.clock.now())).length, 0, member.token)
  })

  withNodes('[check 81] what was disabled, retired or changed in the lost window is so again', async (nodes) => {
    const [one, two] = nodes
    const [kept, shut] = [await addService(one), await addService(one)]
    const sellers = await sellerAdmin(one)
    const email = 'other@example.com'
    await sellers.add(email, 'first lantern in the orchard')
    const sealer = new Sealer(one.settings.masterKey)
    const merchants = merchantAdmin(one)
    await merchants.add('agent002', { allow: ['127.0.0.0/8'], currencies: ['USD'] }, 'anotherKey123456')
    const rotation = new KeyRotation({
      store: one.store.signingKeys,
      sealer,
      shared: sharedAs(one.clock),
      origin: { surface: 'cli' },
      bits: 2048,
      publishMs: 600_000,
    })
    await hear(nodes)
    const before = await snapshot(one)

    tick(one)
    await serviceAdmin(one).setStatus(shut.id, 'disabled')
    await sellers.setStatus(email, 'disabled')
    await sellers.setPassword(sampleSeller.email, 'second lantern in the orchard')
    await merchants.setStatus('agent002', 'disabled')
    const { keyId } = await merchants.rotateKey(agentId)
    const old = (await merchants.get(agentId)).keys.find(({ id }) => id !== keyId)
    await merchants.retireKey(agentId, String(old?.id), true)
    await rotation.rotate(true)
    one.clock.advance(10_000)
    await hear(nodes)
    const newest = await loginTokens(two, { password: 'second lantern in the orchard' })
    await before.restore()
    await hear(nodes)
    await hear(nodes)

    for (const node of nodes) {
      assert.equal((await introspect(node, shut, newest.accessToken)).status, 401)
      const { json } = await introspect(node, kept, newest.accessToken)
      assert.equal((json as Body).active, true, 'a key that was lost still verifies')
      assert.equal(codeOf(await login(node, { email, password: 'first lantern in the orchard' })), '10006')
      assert.equal(codeOf(await login(node)), '10006', 'the old password')
      const { accessToken } = await loginTokens(node, { password: 'second lantern in the orchard' })
      assert.equal(decodeToken(accessToken).header.kid, decodeToken(newest.accessToken).header.kid)
      assert.equal(await memberCode(node), 600100, 'the retired key')
    }
    const [first, second] = await one.store.merchants.load()
    assert.deepEqual([second?.agentId, second?.status], ['agent002', 'disabled'])
    assert.deepEqual(
      first?.keys.map(({ id, retiredAt }) => [id === keyId, retiredAt === null]),
      [
        [false, false],
        [true, true],
      ],
    )
    const { length } = await breaks(one)
    await hear(nodes)
    assert.equal((await breaks(one)).length, length, 'once')
  })

  withNodes('[check 81] merchants and services that were removed before the lost window stay removed', async (nodes) => {
    const [one] = nodes
    const { store } = one
    const merchants = merchantAdmin(one)
    await merchants.add('agent002', { allow: ['127.0.0.0/8'], currencies: ['USD'] }, 'anotherKey123456')
    const [removed, shut] = [await addService(one), await addService(one)]
    await hear(nodes)
    await merchants.remove('agent002')
    await serviceAdmin(one).remove(removed.id)
    await hear(nodes)
    const before = await snapshot(one)
    await serviceAdmin(one).setStatus(shut.id, 'disabled')
    await hear(nodes)
    await before.restore()
    await hear(nodes)
    await hear(nodes)
    assert.deepEqual(
      (await store.services.load()).map(({ id, status }) => [id, status]),
      [[shut.id, 'disabled']],
    )
    assert.deepEqual(
      (await store.merchants.load()).map((merchant) => merchant.agentId),
      [agentId],
    )
  })

  withNodes(
    '[check 81] services and merchants that were removed in the lost window are removed again, and those added under their names stay',
    async (nodes) => {
      const [one] = nodes
      const { store } = one
      const merchants = merchantAdmin(one)
      const [gone, again] = [await addService(one), await addService(one)]
      for (const id of ['gone', 'again']) await merchants.add(id, { allow: ['127.0.0.0/8'], currencies: ['USD'] })
      await hear(nodes)
      const before = await snapshot(one)
      tick(one)
      await serviceAdmin(one).remove(gone.id)
      await serviceAdmin(one).remove(again.id)
      for (const id of ['gone', 'again']) await merchants.remove(id)
      tick(one)
      await serviceAdmin(one).add(again.id)
      const { keyId } = await merchants.add('again', { allow: ['192.0.2.7'] })
      await hear(nodes)
      await before.restore()
      await hear(nodes)
      await hear(nodes)
      assert.deepEqual(
        (await one.store.services.load()).map(({ id }) => id),
        [again.id],
      )
      const left = await store.merchants.load()
      assert.deepEqual(
        left.map((merchant) => merchant.agentId),
        ['again', agentId],
      )
      assert.deepEqual(
        [left[0]?.settings.allow, left[0]?.keys.map(({ id }) => id)],
        [['192.0.2.7'], [keyId]],
        'the removed one’s key stays removed',
      )
      const { accessToken } = await loginTokens(one)
      for (const node of nodes) for (const old of [gone, again]) assert.equal((await introspect(node, old, accessToken)).status, 401)
    },
  )

  for (const order of ['the one that removed it first', 'the other first'] as const) {
    withNodes(
      `[check 81] what was removed in the lost window is removed again, although no other process heard of it: ${order}`,
      async (nodes) => {
        const [one, two] = nodes
        const inOrder = order === 'the other first' ? [two, one] : nodes
        const { store, clock } = one
        const common = { clock, origin: { surface: 'cli' } } as const
        const merchants = merchantAdmin(one)
        const brands = new BrandAdmin({ store: store.brands, merchants: store.merchants, ...common })
        const add = async (name: string) => {
          await serviceAdmin(one).add(name)
          await merchants.add(name, { allow: ['127.0.0.0/8'], currencies: ['USD'] }, 'anotherKey123456')
          await brands.set(name, { title: name })
        }
        const remove = async (name: string) => {
          await serviceAdmin(one).remove(name)
          await merchants.remove(name)
        }
        for (const name of ['before', 'brand']) await add(name)
        await hear(nodes)
        const before = await snapshot(one)
        tick(one)
        await add('within')
        await hear(nodes)
        tick(one)
        for (const name of ['before', 'within']) await remove(name)
        await brands.remove('brand')
        await before.restore()
        await hear(inOrder)
        await hear(inOrder)
        const left = {
          services: (await store.services.load()).map(({ id }) => id),
          merchants: (await store.merchants.load()).map((merchant) => merchant.agentId),
          brands: (await store.brands.load()).map((brand) => brand.agentId),
        }
        assert.deepEqual(left, { services: ['brand'], merchants: [agentId, 'brand'], brands: [] })
        const events = await store.events.list({ actor: 'server', limit: 100 })
        const removed = events
          .filter(({ kind }) => /deleted|removed/.test(kind))
          .map(({ kind, ...of }) => `${kind} ${of.agentId ?? of.subject}`)
        // The other process may have written these before.
        const again = removed.filter((text) => !text.endsWith('within'))
        assert.deepEqual(again.sort(), ['brand.removed brand', 'merchant.deleted before', 'service.deleted before'])
      },
    )
  }

  withNodes('[check 81] origins, support links and logos that were replaced do not come back', async (nodes) => {
    const [one, two] = nodes
    const { brands } = one.store
    const common = { clock: one.clock, origin: { surface: 'cli' } } as const
    const merchants = merchantAdmin(one)
    const admin = new BrandAdmin({ store: brands, merchants: one.store.merchants, ...common })
    const brandOf = async (id: string) => (await brands.load([id]))[0]
    await merchants.add('agent002', { allow: ['127.0.0.0/8'], currencies: ['USD'] }, 'anotherKey123456')
    await merchants.update(agentId, { callbackOrigins: ['https://old.example'] })
    await admin.set(agentId, { supportUrl: 'https://old.example/help', logo: makePng({ width: 8, height: 8 }) })
    await admin.set('agent002', { supportUrl: 'https://old.example/help' })
    await hear(nodes)
    const before = await snapshot(one)
    tick(one)
    await merchants.update(agentId, { callbackOrigins: [] })
    const { logo } = await admin.set(agentId, { supportUrl: 'https://new.example/help', logo: makePng({ width: 9, height: 9 }) })
    await admin.set('*', { title: 'For all' })
    await admin.remove('agent002')
    await hear(nodes)
    assert.equal((await two.request('GET', `/brand/logo/${logo?.sha256}`)).status, 200, 'one process has it in memory')
    await before.restore()
    await hear(nodes)
    await hear(nodes)
    assert.deepEqual((await merchants.get(agentId)).settings.callbackOrigins, [])
    const restored = await brandOf(agentId)
    assert.deepEqual(
      [restored?.supportUrl, (await brandOf('*'))?.title, await brandOf('agent002')],
      ['https://new.example/help', 'For all', undefined],
    )
    assert.notEqual(restored?.logo?.width, 8, 'not the one that was replaced')
  })

  withNodes('[check 81] operators and API tokens stay as they were last set', async (nodes) => {
    const [one] = nodes
    const now = one.clock.now()
    const { operators, apiTokens } = one.store
    const event = { at: now, kind: 'operator.updated', surface: 'cli' } as const
    const times = { createdAt: now, updatedAt: now }
    const owner = {
      id: 'o1',
      email: 'o@example.com',
      name: 'O',
      role: 'owner',
      agentIds: null,
      status: 'enabled',
      sso: null,
      ...times,
    } as const
    const other = { ...owner, id: 'o2', email: 'p@example.com' }
    for (const operator of [owner, other]) await operators.add(operator, event)
    await apiTokens.add(
      {
        id: 't1',
        operatorId: 'o1',
        name: 'ci',
        tokenHash: Buffer.alloc(32, 1),
        rights: [],
        agentIds: null,
        allow: [],
        allowConfirmed: false,
        createdAt: now,
        expiresAt: now + 86_400_000,
        revokedAt: null,
        lastUsedAt: null,
        lastUsedAddress: null,
      },
      event,
    )
    await hear(nodes)
    const before = await snapshot(one)
    await apiTokens.revoke('t1', null, tick(one), event)
    await operators.update({ ...other, status: 'disabled', updatedAt: now + 1 }, now, event)
    await before.restore()
    await hear(nodes)
    await hear(nodes)
    assert.equal((await operators.find('o2'))?.status, 'disabled')
    assert.notEqual((await apiTokens.findByHash(Buffer.alloc(32, 1)))?.token.revokedAt, null)
  })

  withNodes('[check 81] a token that a program fetched is not given a second time', async (nodes) => {
    const [one] = nodes
    const operator = await addOperator(one, 'support')
    const requests = new ConnectionRequests({ store: one.store, clock: one.clock })
    const wish = { host: 'laptop', user: 'ann', name: 'ann', rights: undefined, agentIds: undefined, days: 1, allowConfirmed: false }
    const { deviceCode, userCode } = await requests.add(wish, null)
    await requests.allow(userCode, { operator, rights: rightsOf('support'), agentIds: null }, { surface: 'console' })
    await hear(nodes)
    const before = await snapshot(one)
    assert.equal((await requests.poll(deviceCode, {})).state, 'granted')
    await hear(nodes)
    await before.restore()
    await hear(nodes)
    assert.equal((await requests.poll(deviceCode, {})).state, 'expired')
  })

  withNodes('[check 81] a hand-over link that was opened and a proposal that was declined stay so', async (nodes) => {
    const [one] = nodes
    const now = one.clock.now()
    const { handOvers, proposals } = one.store
    const event = { at: now, kind: 'hand-over.added', surface: 'cli' } as const
    const times = { createdAt: now, expiresAt: now + 86_400_000 }
    const [opened, waiting] = ['h1', 'h2'].map((id, index) => ({
      id,
      tokenHash: Buffer.alloc(32, index),
      sealedSecret: Buffer.alloc(32),
      what: 'a key',
      agentId,
      ...times,
    }))
    const proposal = {
      operation: 'merchant.disable',
      input: { agentId },
      agentId,
      readAt: null,
      reason: 'to try',
      proposedBy: 'operator:o1',
      proposerId: 'o1',
      ...times,
      state: 'open',
      decidedBy: null,
      decidedAt: null,
      word: null,
      problem: null,
    } as const
    for (const handOver of [opened, waiting]) await handOvers.add(handOver ?? assert.fail(), event)
    for (const id of ['p1', 'p2']) await proposals.add({ id, ...proposal }, event)
    await hear(nodes)
    const before = await snapshot(one)
    const take = (index: number) => handOvers.take(Buffer.alloc(32, index), tick(one), () => event)
    assert.equal((await take(0))?.id, 'h1')
    await proposals.decide('p1', { state: 'declined', decidedBy: 'operator:o2', decidedAt: tick(one), word: null, stuckSince: 0 }, event)
    await before.restore()
    await hear(nodes)
    await hear(nodes)
    assert.deepEqual([await take(0), (await take(1))?.id], [null, 'h2'])
    assert.deepEqual([(await proposals.find('p1'))?.state, (await proposals.find('p2'))?.state], ['declined', 'open'])
  })

  withNodes('[check 81] requests from before it are no longer told from replays: they are refused, on every node', async (nodes) => {
    const [one, two] = nodes
    await hear(nodes)
    const before = await snapshot(one)
    const { body, token } = await openSession(one)
    const ahead = signed(loginBody(tick(one) + 300_000))
    assert.equal(((await two.post(memberLogin.path, ahead)).json as Body).code, 200)
    await sendCall(one, memberLogout, sampleBody(memberLogout, tick(one)))
    await hear(nodes)
    await before.restore()
    await hear(nodes)
    await hear(nodes)
    const third = await one.openSecondNode()
    for (const node of [...nodes, third]) {
      for (const replay of [body, ahead]) assert.equal(((await node.post(memberLogin.path, replay)).json as Body).code, 408000)
    }
    await third.close()
    assert.equal(await memberCode(two), 408000, 'as far as the merchant’s clock was ahead')
    two.clock.advance(300_000)
    await hear(nodes)
    assert.equal(await memberCode(two), 200, token)
  })

  withNodes('[check 81] followers and readers of the sequence hear that it is another: it never goes back', async (nodes) => {
    const [one] = nodes
    const service = await addService(one)
    const origin = await one.app.listen({ host: '127.0.0.1', port: 0 })
    const follow = (headers: Record<string, string> = {}) =>
      EventStreamReader.open(`${origin}/session/feed`, { ...basic(service), ...headers })
    const revocations = async () => {
      const claims = (await one.request('GET', '/.well-known/revocations')).text.split('.')[1] ?? ''
      return JSON.parse(Buffer.from(claims, 'base64url').toString()) as { seq: number }
    }
    await hear(nodes)
    const before = await snapshot(one)
    await openSession(one)
    await sendCall(one, memberLogout, sampleBody(memberLogout, tick(one)))
    await hear(nodes)
    const { seq } = await revocations()
    const connected = await follow()
    const id = (await connected.next())?.id ?? ''
    await before.restore()
    await hear(nodes)
    assert.equal((await connected.nextNews())?.name, 'reset')
    const resumed = await follow({ 'last-event-id': id })
    assert.equal((await resumed.nextNews())?.name, 'reset')
    for (const reader of [connected, resumed]) reader.close()
    one.clock.advance(60_000)
    await hear(nodes)
    assert.ok((await revocations()).seq > seq)
  })

  withNodes('[check 81] another store in its place is not served', async (nodes) => {
    const [one, two] = nodes
    await hear(nodes)
    const before = await snapshot(one)
    await sendCall(one, memberLogout, sampleBody(memberLogout, tick(one)))
    await openSession(one)
    await sendCall(one, memberLogout, sampleBody(memberLogout, tick(one)))
    await hear(nodes)
    const find = two.store.meta.find
    Object.assign(two.store.meta, { find: async () => Buffer.from('another') })
    await before.restore()
    await assert.rejects(two.hearChanges(), { key: 'store_unavailable' })
    two.clock.advance(1_001)
    assert.equal((await two.request('GET', '/readyz')).status, 503)
    assert.equal((await two.request('GET', `${authPath}/me`, bearer('x'))).status, 503)
    Object.assign(two.store.meta, { find })
    await two.hearChanges()
    assert.equal((await two.request('GET', '/readyz')).status, 200)
  })
}

function merchantAdmin({ store, clock, settings }: TestGateway): MerchantAdmin {
  return new MerchantAdmin({ store: store.merchants, sealer: new Sealer(settings.masterKey), clock, origin: { surface: 'cli' } })
}
