import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { memberLock, memberLogout } from '@lobbykey/contract'
import { arrive } from '../../../support/enter-lobby.ts'
import { EventStreamReader, type HeardEvent } from '../../../support/event-stream-reader.ts'
import { startTestGateway, type TestGateway } from '../../../support/gateway.ts'
import { type Body, loginBody, signed } from '../../../support/signed-body.ts'

let gateway: TestGateway
let origin: string
before(async () => {
  gateway = await startTestGateway()
  origin = await gateway.app.listen({ host: '127.0.0.1', port: 0 })
})
after(() => gateway.close())

/** What a browser that has the lobby open knows. */
interface OpenPage {
  readonly cookie: string
  readonly session: string
  readonly version: string
}

async function logIn(changes: Body = {}): Promise<{ url: string; body: Body }> {
  gateway.clock.advance(1)
  const body = loginBody(gateway.clock.now(), changes)
  const { json } = await gateway.post('/api/member/login', signed(body))
  return { url: (json as { data: { url: string } }).data.url.slice(gateway.publicUrl.length), body }
}

async function openPage(url: string): Promise<OpenPage> {
  const { cookie } = await arrive(gateway, url)
  const { text } = await gateway.request('GET', '/lobby', { headers: { cookie } })
  const [, session = '', version = ''] = /data-session="([^"]+)" data-version="([^"]+)"/.exec(text) ?? []
  return { cookie, session, version }
}

function follow({ cookie, session, version }: OpenPage): Promise<EventStreamReader> {
  return EventStreamReader.open(`${origin}/lobby/events?${new URLSearchParams({ session, version })}`, cookie === '' ? {} : { cookie })
}

/** The first news of a stream, which is let go then. */
async function firstNews(page: OpenPage, happening: () => Promise<void> = async () => {}): Promise<HeardEvent | null> {
  const stream = await follow(page)
  await happening()
  const news = await stream.nextNews()
  stream.close()
  return news
}

async function call(endpoint: typeof memberLock | typeof memberLogout, fields: Body = {}): Promise<void> {
  gateway.clock.advance(1)
  const body = { agent_id: 'agent001', user_id: 'uid001', timestamp: gateway.clock.now(), ...fields }
  await gateway.post(endpoint.path, signed(body, { call: endpoint }))
  await gateway.hearChanges()
}

test('a page is told of a lock of betting as it happens, and of one that came before it was followed', async () => {
  const page = await openPage((await logIn()).url)
  assert.equal((await firstNews(page, () => call(memberLock, { status: 'LockBet' })))?.name, 'changed')
  assert.equal((await firstNews(page))?.name, 'changed')
  await call(memberLock, { status: 'Active' })
})

test('a page is told of another login that renews its session with other fields', async () => {
  const { url, body } = await logIn()
  const page = await openPage(url)
  const renew = async () => {
    await logIn({ token: body.token, currency: 'USD' })
    await gateway.hearChanges()
  }
  assert.equal((await firstNews(page, renew))?.name, 'changed')
  assert.notEqual((await openPage(url)).version, page.version)
})

test('a page is told of an end, once, and its stream is over; of one that came before it was followed too', async () => {
  const page = await openPage((await logIn()).url)
  const stream = await follow(page)
  await call(memberLogout)
  assert.deepEqual((await stream.nextNews())?.data, { reason: 'logout' })
  assert.equal(await stream.next(), null)
  assert.deepEqual((await firstNews(page))?.data, { reason: 'logout' })
})

test('a page hears that its session has expired, also when the row is swept and all changes are read anew', async () => {
  const page = await openPage((await logIn()).url)
  const expire = async () => {
    gateway.clock.advance(gateway.settings.memberSessionSeconds * 1_000)
    await gateway.store.sweep(gateway.clock.now(), 1_000)
    await gateway.hearChanges()
  }
  assert.deepEqual((await firstNews(page, expire))?.data, { reason: 'expired' })
})

test('a page without a session, and one whose browser has entered with another, are told so', async () => {
  const page = await openPage((await logIn()).url)
  assert.deepEqual((await firstNews({ ...page, cookie: '' }))?.data, { reason: 'unknown' })
  assert.deepEqual((await firstNews({ ...page, cookie: 'lobby=x' }))?.data, { reason: 'unknown' })
  const other = await openPage((await logIn()).url)
  assert.deepEqual((await firstNews({ ...page, cookie: other.cookie }))?.data, { reason: 'elsewhere' })
})

test('one session has twenty streams and no more; a stream that is let go makes room', async () => {
  const page = await openPage((await logIn()).url)
  const streams = await Promise.all(Array.from({ length: 20 }, () => follow(page)))
  assert.deepEqual(new Set(streams.map(({ response }) => response.status)), new Set([200]))
  const refused = (await follow(page)).response
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '5'])
  const other = await follow(await openPage((await logIn()).url))
  assert.equal(other.response.status, 200)
  other.close()
  streams.pop()?.close()
  let again = await follow(page)
  // The server hears of a closed connection a moment later.
  while (again.response.status === 503) again = await follow(page)
  for (const stream of [...streams, again]) stream.close()
})
