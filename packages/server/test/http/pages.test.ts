import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { memberLogout } from '@lobbykey/contract'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { type Body, loginBody, signed } from '../support/signed-body.ts'

let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway()
})
after(() => gateway.close())

async function lobbyUrl(changes: Body = {}): Promise<string> {
  const { json } = await gateway.post('/api/member/login', signed(loginBody(gateway.clock.now(), changes)))
  return (json as { data: { url: string } }).data.url
}

test('the lobby shows who has entered and with what', async () => {
  const url = await lobbyUrl({
    game_code: '101-DYfsRc',
    limits: { USD_101: '110101,110102' },
    callback: 'https://h5-uat.aig1234.com/home?a=1&b="<x>',
  })
  const { status, text } = await gateway.request('GET', url)
  assert.equal(status, 200)
  for (const fact of [
    'uid001',
    'agent001',
    'VND2',
    'en-US',
    'h5',
    '101-DYfsRc',
    '110101, 110102',
    'href="https://h5-uat.aig1234.com/home?a=1&#38;b=%22%3Cx%3E"',
  ]) {
    assert.ok(text.includes(fact), fact)
  }
})

test('an ended, unknown or half-named session gets a friendly page', async () => {
  const url = await lobbyUrl()
  gateway.clock.advance(1)
  const logout = { agent_id: 'agent001', user_id: 'uid001', timestamp: gateway.clock.now() }
  await gateway.post('/api/member/logout', signed(logout, { call: memberLogout }))
  const urls = [
    url,
    '/lobby',
    '/lobby?agent_id=agent001&token=unknown-token',
    '/lobby?agent_id=a&agent_id=b&token=x',
    '/lobby?token=%00&agent_id=%3Cscript%3E',
  ]
  for (const ended of urls) {
    const { status, text } = await gateway.request('GET', ended)
    assert.equal(status, 404)
    assert.match(text, /This session is over/)
    assert.doesNotMatch(text, /<script/)
  }
})

test('[check 62] what a caller chose is shown, never run', async () => {
  const url = await lobbyUrl({ token: '"><svg/onload=alert(1)>', custom_language: 'en->x' })
  const { text } = await gateway.request('GET', url)
  assert.doesNotMatch(text, /<svg|onload=alert\(1\)>/)
  assert.ok(text.includes('en-&#62;x'))
})

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
  assert.equal((await broken.request('GET', '/lobby?agent_id=agent001&token=some-token')).status, 503)
  await broken.close()
})

test('the start page shows commands that work', async () => {
  const { text } = await gateway.request('GET', '/')
  const command = /-d &#39;(\{&#34;agent_id.*?\})&#39;/.exec(text)?.[1] ?? ''
  const body = command.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
  assert.equal(((await gateway.post('/api/member/login', body)).json as Body).code, 200)
})

test('the reference and the playground are there only when asked for', async () => {
  const quiet = await startTestGateway({ settings: { apiReference: false, lobbyPage: false } })
  for (const path of ['/openapi.json', '/docs', '/playground', '/lobby']) assert.equal((await quiet.request('GET', path)).status, 404, path)
  await quiet.close()
  assert.equal((await gateway.request('GET', '/openapi.json')).status, 200)
})

test('[check 53] [check 55] the reset page names its one script by hash and does not look at the Host header', async () => {
  const { status, headers, text } = await gateway.request('GET', '/reset', { headers: { host: 'evil.example' } })
  assert.equal(status, 200)
  const policy = String(headers['content-security-policy'])
  const [, script = ''] = /<script>([\s\S]*)<\/script>/.exec(text) ?? []
  const source = createHash('sha256').update(script).digest('base64')
  assert.ok(policy.includes(`script-src 'sha256-${source}'; connect-src 'self';`), policy)
  for (const part of ["default-src 'none'", "form-action 'none'", "frame-ancestors 'none'"]) assert.ok(policy.includes(part), part)
  assert.deepEqual([headers['cache-control'], headers['referrer-policy']], ['no-store', 'no-referrer'])
  assert.doesNotMatch(text, /evil/)
})
