import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { ownForm } from '../support/enter-lobby.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { type Body, loginBody, signed } from '../support/signed-body.ts'

let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway()
})
after(() => gateway.close())

test('[check 55] security headers, a request id and no server name on every answer', async () => {
  const paths = [
    '/',
    '/lobby',
    '/merchant-home',
    '/livez',
    '/readyz',
    '/nothing',
    '/api/nothing',
    '/merchant-api/nothing',
    '/api/member/login',
    '/%',
    '/api/%zz',
    '/merchant-api/%',
  ]
  for (const path of paths) {
    const { headers, status } = await gateway.request('GET', path)
    assert.ok(status < 500, path)
    assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/, path)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
    assert.match(String(headers['x-request-id']), /^[\w-]{16}$/)
    assert.equal(headers.server, undefined)
    assert.equal(headers['x-powered-by'], undefined)
    assert.equal(headers['strict-transport-security'], undefined)
  }
  const secure = await startTestGateway({ settings: { publicUrl: 'https://login.example' } })
  assert.equal((await secure.request('GET', '/livez')).headers['strict-transport-security'], 'max-age=31536000')
  await secure.close()
})

test("unknown paths answer in their surface's envelope", async () => {
  assert.equal(((await gateway.request('GET', '/api/nothing')).json as Body).code, 408000)
  for (const base of ['/merchant-api', '/api/merchant-api'])
    assert.equal(((await gateway.request('GET', `${base}/nothing`)).json as Body).code, '10001')
  assert.match(String((await gateway.request('GET', '/nothing')).headers['content-type']), /^text\/html/)
})

test('livez and readyz; without the store readyz says 503 and the APIs fail closed in their envelopes', async () => {
  assert.deepEqual((await gateway.request('GET', '/livez')).json, { status: 'ok' })
  assert.deepEqual((await gateway.request('GET', '/readyz')).json, { status: 'ok' })
  const broken = await startTestGateway()
  await broken.store.close()
  const ready = await broken.request('GET', '/readyz')
  assert.deepEqual([ready.status, ready.headers['retry-after']], [503, '1'])
  const member = await broken.post('/api/member/login', signed(loginBody(broken.clock.now())))
  assert.deepEqual([member.status, (member.json as Body).code, member.headers['retry-after']], [503, 700106, '1'])
  const seller = await broken.post('/merchant-api/seller/auth/login', { email: 'seller@example.com', password: 'sandbox-orchard-lantern' })
  assert.deepEqual([seller.status, (seller.json as Body).code, seller.headers['retry-after']], [503, '10004', '1'])
  const redeeming = { headers: ownForm(broken), body: 'agent_id=agent001&token=some-token' }
  assert.equal((await broken.request('POST', '/lobby', redeeming)).status, 503)
  await broken.close()
})

test('the start page shows working commands', async () => {
  const { text } = await gateway.request('GET', '/')
  const command = /-d &#39;(\{&#34;agent_id.*?\})&#39;/.exec(text)?.[1] ?? ''
  const body = command.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
  assert.equal(((await gateway.post('/api/member/login', body)).json as Body).code, 200)
})

test('the start page leads to the console where there is one, and from this machine only', async () => {
  const localAdmin = { adminPort: 8081, adminUrl: 'http://localhost:8081' }
  for (const [settings, isShown] of [
    [localAdmin, true],
    [{ ...localAdmin, adminPort: 0 }, false],
    [{ ...localAdmin, publicUrl: 'https://try.example.com' }, false],
    [{ ...localAdmin, adminUrl: 'https://admin.example.com' }, false],
  ] as const) {
    const sandbox = await startTestGateway({ settings })
    const { text } = await sandbox.request('GET', '/')
    assert.equal(text.includes('<a href="http://localhost:8081/console">console</a>'), isShown, JSON.stringify(settings))
    assert.equal(/console|admin/i.test(text), isShown, JSON.stringify(settings))
    assert.doesNotMatch(text, /sign-in|#sandbox/, 'the link that signs in is shown in the terminal only')
    await sandbox.close()
  }
})

test('an address without anything leads home', async () => {
  const { status, text } = await gateway.request('GET', '/nothing')
  assert.equal(status, 404)
  assert.match(text, /<a class="button" href="\/">Start page</)
})

test('the reference and the playground exist only when enabled', async () => {
  const quiet = await startTestGateway({ settings: { apiReference: false, lobbyPage: false } })
  for (const path of ['/openapi.json', '/docs', '/playground', '/lobby']) assert.equal((await quiet.request('GET', path)).status, 404, path)
  await quiet.close()
  assert.equal((await gateway.request('GET', '/openapi.json')).status, 200)
})

test('[check 53] [check 55] the reset page lists its one script by hash and echoes nothing of the request', async () => {
  const { status, headers, text } = await gateway.request('GET', '/reset', { headers: { 'x-forwarded-host': 'evil.example' } })
  assert.equal(status, 200)
  const policy = String(headers['content-security-policy'])
  const [, script = ''] = /<script>([\s\S]*)<\/script>/.exec(text) ?? []
  const source = createHash('sha256').update(script).digest('base64')
  assert.ok(policy.includes(`script-src 'sha256-${source}'; connect-src 'self';`), policy)
  for (const part of ["default-src 'none'", "form-action 'none'", "frame-ancestors 'none'"]) assert.ok(policy.includes(part), part)
  assert.deepEqual([headers['cache-control'], headers['referrer-policy']], ['no-store', 'no-referrer'])
  assert.doesNotMatch(text, /evil/)
})
