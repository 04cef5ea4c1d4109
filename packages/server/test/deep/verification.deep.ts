/** Too slow for `npm test`: revocation and rotation across real processes, in real time. */
import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { SellerTokens } from '@lobbykey/contract'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { startTestGateway } from '../support/gateway.ts'
import { sendRaw } from '../support/raw-request.ts'
import { RecordingServer } from '../support/recording-server.ts'
import { authPath, decodeToken } from '../support/seller-calls.ts'
import { testStores } from '../support/stores.ts'
import { TwoServers } from '../support/two-servers.ts'

const ends = 40
const rotations = 4

for (const storeKind of testStores()) {
  describe(`verification on two processes over ${storeKind.name}`, () => {
    test(`[check 21] ${ends} ended sessions: how soon the other process, and a verifier that follows the feed, refuse them`, async (t) => {
      const upstream = await RecordingServer.start()
      const pair = await TwoServers.start(storeKind, { UPSTREAMS: `/merchant-api/orders=http://127.0.0.1:${upstream.port}` })
      t.after(async () => {
        await pair.stop()
        await upstream.close()
      })
      const [one, two] = pair.servers
      const service = await pair.command<{ serviceId: string; secret: string }>('service', 'add', 'checker')
      await delay(500)
      const delays: Record<string, number[]> = { 'forward-auth': [], introspection: [], proxy: [], me: [], feed: [] }
      for (let round = 0; round < ends; round++) {
        const { accessToken } = await login(one.origin)
        const authorization = `Bearer ${accessToken}`
        const sid = String(decodeToken(accessToken).claims.sid)
        const isGood: Record<string, () => Promise<boolean>> = {
          'forward-auth': async () => (await fetch(`${two.origin}/verify`, { headers: { authorization } })).status === 200,
          introspection: async () => await introspect(two.origin, service, accessToken),
          proxy: async () => (await fetch(`${two.origin}/merchant-api/orders/7`, { headers: { authorization } })).status === 200,
          me: async () => (await fetch(`${two.origin}${authPath}/me`, { headers: { authorization } })).status === 200,
          feed: async () => !Object.hasOwn(await readFeed(two.origin), sid),
        }
        for (const [name, ask] of Object.entries(isGood)) assert.equal(await ask(), true, name)
        if (round % 2 === 0) await fetch(`${one.origin}${authPath}/logout`, { method: 'POST', headers: { authorization } })
        else await pair.command('seller', 'sessions', sampleSeller.email, '--end')
        const endedAt = performance.now()
        await Promise.all(
          Object.entries(isGood).map(async ([name, ask]) => {
            while (await ask()) await delay(name === 'feed' ? 20 : 5)
            delays[name]?.push(performance.now() - endedAt)
          }),
        )
      }
      for (const [name, times] of Object.entries(delays)) {
        const sorted = times.sort((a, b) => a - b).map(Math.round)
        t.diagnostic(`${storeKind.name}, ${name}: median ${sorted[ends / 2]} ms, longest ${sorted.at(-1)} ms`)
        assert.ok(Number(sorted.at(-1)) <= 1_000, `${name}: ${sorted.at(-1)} ms`)
      }
    })

    test(`[check 68] K12 ${rotations} rotations under load: no request is refused, at either process or offline`, async (t) => {
      const pair = await TwoServers.start(storeKind, { KEY_PUBLISH_SECONDS: '4' })
      t.after(() => pair.stop())
      const service = await pair.command<{ serviceId: string; secret: string }>('service', 'add', 'checker')
      await delay(500)
      const counts: Record<string, number> = { refreshed: 0, 'forward-auth': 0, introspected: 0, offline: 0 }
      const kids = new Set<unknown>()
      const refused: string[] = []
      const note = (name: string, isGood: boolean, why: unknown) => {
        counts[name] = (counts[name] ?? 0) + 1
        if (!isGood) refused.push(`${name}: ${JSON.stringify(why)}`)
      }
      let isOver = false
      const workers = Array.from({ length: 8 }, async (_, worker) => {
        const verifier = new OfflineVerifier(pair.servers[worker % 2 === 0 ? 1 : 0].origin)
        let tokens = await login(pair.servers[0].origin)
        while (!isOver) {
          const [one, two] = Math.random() < 0.5 ? pair.servers : [pair.servers[1], pair.servers[0]]
          const before = tokens.accessToken
          const answer = await post(`${one.origin}${authPath}/refresh`, { refreshToken: tokens.refreshToken })
          note('refreshed', answer.code === '0000', answer)
          if (answer.data !== null) tokens = answer.data
          kids.add(decodeToken(tokens.accessToken).header.kid)
          for (const accessToken of [before, tokens.accessToken]) {
            const { status } = await fetch(`${two.origin}/verify`, { headers: { authorization: `Bearer ${accessToken}` } })
            note('forward-auth', status === 200, status)
            note('introspected', await introspect(two.origin, service, accessToken), 'inactive')
            note('offline', await verifier.verify(accessToken), 'not verified')
          }
        }
      })
      for (let rotation = 0; rotation < rotations; rotation++) {
        await pair.command('keys', 'rotate')
        await delay(5_000)
      }
      isOver = true
      await Promise.all(workers)
      t.diagnostic(
        `${storeKind.name}: ${rotations} rotations, ${kids.size} keys signed, ${JSON.stringify(counts)}, ${refused.length} refused`,
      )
      assert.deepEqual(refused.slice(0, 5), [])
      assert.equal(kids.size, rotations + 1)
    })
  })
}

test('[check 43] with upstreams, too, a body that is not complete in ten seconds ends its connection on every other surface', async (t) => {
  const gateway = await startTestGateway({ settings: { upstreams: [{ prefix: '/merchant-api/a', url: 'http://127.0.0.1:9' }] } })
  t.after(() => gateway.close())
  const port = Number(new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port)
  for (const path of ['/api/member/login', `${authPath}/login`, '/oauth/introspect', '/nothing']) {
    const begun = performance.now()
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`
    const answer = path === '/nothing' ? await untilClosed(port, head) : await sendRaw(port, head)
    const ms = performance.now() - begun
    assert.ok(ms < 13_000, `${path}: ${ms} ms, ${answer}`)
  }
})

/** A verifier as in docs/verification.md, which fetches keys only when they are older than their max-age. */
class OfflineVerifier {
  readonly #origin: string
  #keys: { kid: string; kty: string; n: string; e: string }[] = []
  #goodUntil = 0

  constructor(origin: string) {
    this.#origin = origin
  }

  async verify(token: string): Promise<boolean> {
    if (performance.now() >= this.#goodUntil) {
      const askedAt = performance.now()
      const answer = await fetch(`${this.#origin}/.well-known/jwks.json`)
      const maxAge = Number(/max-age=(\d+)/.exec(answer.headers.get('cache-control') ?? '')?.[1])
      this.#keys = ((await answer.json()) as { keys: { kid: string; kty: string; n: string; e: string }[] }).keys
      this.#goodUntil = askedAt + maxAge * 1_000
    }
    const [header, payload, signature] = token.split('.') as [string, string, string]
    const jwk = this.#keys.find(({ kid }) => kid === decodeToken(token).header.kid)
    if (jwk === undefined) return false
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
    return verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))
  }
}

async function login(origin: string): Promise<SellerTokens> {
  const { email, password } = sampleSeller
  for (;;) {
    const answer = await post(`${origin}${authPath}/login`, { email, password })
    if (answer.data !== null) return answer.data
    // The machine is busy with other tests; passwords do not matter here.
    assert.equal(answer.code, '10012', JSON.stringify(answer))
    await delay(1_000)
  }
}

async function post(url: string, body: object): Promise<{ code: string; data: SellerTokens | null }> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  return (await answer.json()) as { code: string; data: SellerTokens | null }
}

async function introspect(origin: string, service: { serviceId: string; secret: string }, token: string): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(`${service.serviceId}:${service.secret}`).toString('base64')}`
  const answer = await fetch(`${origin}/oauth/introspect`, {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams({ token }),
  })
  assert.equal(answer.status, 200)
  return ((await answer.json()) as { active: boolean }).active
}

async function readFeed(origin: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${origin}/.well-known/revocations`)).text()
  return decodeToken(text).claims.revoked as Record<string, number>
}

async function untilClosed(port: number, head: string): Promise<string> {
  const socket = connect(port, '127.0.0.1', () => socket.write(head))
  socket.resume().on('error', () => {})
  await once(socket, 'close')
  return ''
}
