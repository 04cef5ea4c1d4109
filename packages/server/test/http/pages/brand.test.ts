import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { BrandAdmin, type BrandChanges } from '../../../src/core/brands/brand-admin.ts'
import { arrive } from '../../support/enter-lobby.ts'
import { type Answer, startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { losslessWebp, makePng } from '../../support/pictures.ts'
import { loginBody, signed } from '../../support/signed-body.ts'

let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway()
})
after(() => gateway.close())

async function dress(agentId: string, changes: BrandChanges): Promise<void> {
  const { store, clock } = gateway
  const admin = new BrandAdmin({ store: store.brands, merchants: store.merchants, clock, origin: { surface: 'cli' } })
  await admin.set(agentId, changes)
  await gateway.hearChanges()
}

async function lobbyOf(): Promise<Answer> {
  gateway.clock.advance(1)
  const { json } = await gateway.post('/api/member/login', signed(loginBody(gateway.clock.now())))
  const url = (json as { data: { url: string } }).data.url.slice(gateway.publicUrl.length)
  const { cookie } = await arrive(gateway, url)
  return gateway.request('GET', '/lobby', { headers: { cookie } })
}

/** The page's own style is the one that its policy names. */
function verifyPolicy({ text, headers }: Answer): void {
  const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? ''
  const policy = String(headers['content-security-policy'])
  assert.ok(policy.includes(`style-src 'sha256-${hash('sha256', style, 'base64')}';`), policy)
  assert.doesNotMatch(policy, /unsafe/)
}

test('without a brand nothing is dressed', async () => {
  const page = await lobbyOf()
  assert.doesNotMatch(page.text, /class="brand"|\/brand\/logo/)
  assert.match(String(page.headers['content-security-policy']), /img-src data:;/)
  verifyPolicy(page)
})

test('the lobby, its ends and the reset page wear the brand for all; a merchant with one of its own wears nothing of it', async () => {
  await dress('*', { title: 'The platform', accentColor: '#aa0000', supportUrl: 'https://help.platform.example/' })
  for (const page of [
    await lobbyOf(),
    ...(await Promise.all(['/lobby', '/lobby/over', '/reset'].map((path) => gateway.request('GET', path)))),
  ]) {
    assert.match(page.text, /<bdi>The platform<\/bdi>/)
    assert.match(page.text, /--button:#aa0000;--button-ink:#ffffff/)
    verifyPolicy(page)
  }
  const reset = (await gateway.request('GET', '/reset')).text
  assert.match(reset, /href="https:\/\/help\.platform\.example\/">Get help<\/a>/)
  assert.match(reset, /<button id="send" class="button primary"/)
  assert.match(
    (await lobbyOf()).text,
    /<a class="button help" rel="noreferrer noopener" target="_blank" href="https:\/\/help\.platform\.example\/">Get help<\/a>/,
  )
  await dress('agent001', { headerColor: '#ffe066', logo: makePng({ width: 40, height: 12 }) })
  const own = await lobbyOf()
  assert.match(own.text, /--band:#ffe066;--band-ink:#000000/)
  assert.match(own.text, /<img src="\/brand\/logo\/[0-9a-f]{64}" width="40" height="12" alt="">/)
  assert.doesNotMatch(own.text, /The platform|help\.platform|#aa0000/)
  assert.match(String(own.headers['content-security-policy']), /img-src data: 'self';/)
  verifyPolicy(own)
  assert.match((await gateway.request('GET', '/lobby/over?agent_id=agent001')).text, /--band:#ffe066/)
  assert.match((await gateway.request('GET', '/lobby/over?agent_id=nosuch')).text, /The platform/)
})

test('[check 62] a logo is served as what it is, kept for good, and nothing else is served there', async () => {
  await dress('agent001', { logo: losslessWebp })
  const { text } = await lobbyOf()
  const path = /src="(\/brand\/logo\/[0-9a-f]{64})"/.exec(text)?.[1] ?? assert.fail()
  const { status, headers } = await gateway.request('GET', path)
  assert.deepEqual([status, headers['content-type'], headers['content-length']], [200, 'image/webp', String(losslessWebp.length)])
  assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'; sandbox")
  for (const other of ['0'.repeat(64), 'x', '..%2f', `${'a'.repeat(63)}%00`]) {
    assert.equal((await gateway.request('GET', `/brand/logo/${other}`)).status, 404, other)
  }
  await dress('agent001', { logo: null })
  assert.doesNotMatch((await lobbyOf()).text, /\/brand\/logo/)
})
