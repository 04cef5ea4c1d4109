import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { MemberAdmin } from '../../../src/core/members/member-admin.ts'
import { EventStreamReader } from '../../support/event-stream-reader.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { addService, basic, type Credentials, postForm, serviceAdmin } from '../../support/service-calls.ts'
import { type Body, loginBody, signed } from '../../support/signed-body.ts'
import { testStores } from '../../support/stores.ts'

for (const storeKind of testStores()) {
  describe(`session feed on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let service: Credentials
    let origin: string
    before(async () => {
      gateway = await startTestGateway({ storeKind })
      service = await addService(gateway)
      origin = await gateway.app.listen({ host: '127.0.0.1', port: 0 })
    })
    after(() => gateway.close())

    function follow(query = '', headers: Record<string, string> = {}): Promise<EventStreamReader> {
      return EventStreamReader.open(`${origin}/session/feed${query}`, { ...basic(service), ...headers })
    }

    async function logIn(): Promise<Body> {
      gateway.clock.advance(1)
      const { json } = await gateway.post('/api/member/login', signed(loginBody(gateway.clock.now())))
      const { token } = (json as { data: { token: string } }).data
      return (await postForm(gateway, '/session/check', { agent_id: 'agent001', token }, { headers: basic(service) })).json as Body
    }

    function admin(): MemberAdmin {
      return new MemberAdmin({ store: gateway.store, clock: gateway.clock, origin: { surface: 'cli' } })
    }

    test('sends each follower every end of its merchants with its reason, and of no other merchant', async () => {
      const [all, own, other] = [await follow(), await follow('?agent_id=agent001&agent_id=agent009'), await follow('?agent_id=agent002')]
      assert.deepEqual(
        [all.response.status, all.response.headers.get('content-type'), all.response.headers.get('cache-control')],
        [200, 'text/event-stream; charset=utf-8', 'no-store'],
      )
      assert.equal((await all.next())?.name, 'heartbeat')
      const session = await logIn()
      await admin().logout('agent001', 'uid001')
      await gateway.hearChanges()
      for (const reader of [all, own]) {
        const event = await reader.nextNews()
        assert.equal(event?.name, 'ended')
        assert.deepEqual(event?.data, {
          session_id: session.session_id,
          agent_id: 'agent001',
          user_id: 'uid001',
          reason: 'kick',
          ended_at: gateway.clock.now(),
        })
      }
      await logIn()
      await admin().setStatus('agent001', 'uid001', 'LockAll')
      await gateway.hearChanges()
      assert.equal((await own.nextNews())?.data.reason, 'lock')
      await admin().setStatus('agent001', 'uid001', 'Active')
      await gateway.hearChanges()
      gateway.clock.advance(10_000)
      assert.equal((await other.next())?.name, 'heartbeat')
      for (const reader of [all, own, other]) reader.close()
    })

    test('a clock that had run ahead and was set right does not silence the heartbeat', async () => {
      const reader = await follow()
      const beat = async () => assert.equal((await reader.next())?.name, 'heartbeat')
      await beat()
      gateway.clock.advance(1_200_000)
      await gateway.hearChanges()
      await beat()
      gateway.clock.advance(-1_200_000)
      await gateway.hearChanges()
      await beat()
      reader.close()
    })

    test('a reader that reconnects with Last-Event-ID misses nothing', async () => {
      const reader = await follow()
      const { id = '' } = (await reader.next()) ?? {}
      reader.close()
      const session = await logIn()
      await admin().logout('agent001', 'uid001')
      await gateway.hearChanges()
      const again = await follow('', { 'last-event-id': id })
      const event = await again.nextNews()
      assert.deepEqual([event?.name, event?.data.session_id], ['ended', session.session_id])
      again.close()
    })

    test('a reader that missed too many ends is told to check all sessions', async () => {
      const reader = await follow()
      const { id = '' } = (await reader.next()) ?? {}
      reader.close()
      gateway.clock.advance(1)
      const logins = Array.from({ length: 501 }, () => gateway.post('/api/member/login', signed(loginBody(gateway.clock.now()))))
      await Promise.all(logins)
      await admin().logout('agent001', 'uid001')
      await gateway.hearChanges()
      const again = await follow('', { 'last-event-id': id })
      assert.equal((await again.next())?.name, 'reset')
      again.close()
    })

    test('an id that is too old, ahead of the store, or invalid is answered with reset', async () => {
      const now = gateway.clock.now().toString(36)
      for (const id of ['nonsense', `1.${(gateway.clock.now() - 3_600_000).toString(36)}`, `99999999.${now}`]) {
        const reader = await follow('', { 'last-event-id': id })
        assert.equal((await reader.next())?.name, 'reset')
        reader.close()
      }
    })
  })
}

test('a service has at most twenty streams; others have their own', async () => {
  const gateway = await startTestGateway()
  const origin = await gateway.app.listen({ host: '127.0.0.1', port: 0 })
  const open = (service: Credentials) => EventStreamReader.open(`${origin}/session/feed`, basic(service))
  const [greedy, other] = [await addService(gateway), await addService(gateway)]
  const streams = await Promise.all(Array.from({ length: 20 }, () => open(greedy)))
  const { response } = await open(greedy)
  assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '5'])
  streams.push(await open(other))
  assert.deepEqual(new Set(streams.map((stream) => stream.response.status)), new Set([200]))
  for (const stream of streams) stream.close()
  await gateway.close()
})

test('the server going down lets every follower go; a service shut out loses its stream', async () => {
  const gateway = await startTestGateway()
  const service = await addService(gateway)
  const origin = await gateway.app.listen({ host: '127.0.0.1', port: 0 })
  const open = () => EventStreamReader.open(`${origin}/session/feed`, basic(service))
  const first = await open()
  await serviceAdmin(gateway).setStatus(service.id, 'disabled')
  await gateway.hearChanges()
  while ((await first.next()) !== null);
  await serviceAdmin(gateway).setStatus(service.id, 'enabled')
  await gateway.hearChanges()
  const second = await open()
  await gateway.close()
  while ((await second.next()) !== null);
})
