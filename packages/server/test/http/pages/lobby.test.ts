import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { memberLock, memberLogout } from '@lobbykey/contract'
import { MemberAdmin } from '../../../src/core/members/member-admin.ts'
import { type Answer, startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { type Body, loginBody, signed } from '../../support/signed-body.ts'

let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway()
})
after(() => gateway.close())

async function logIn(changes: Body = {}): Promise<string> {
  gateway.clock.advance(1)
  const { json } = await gateway.post('/api/member/login', signed(loginBody(gateway.clock.now(), changes)))
  const { url } = (json as { data: { url: string } }).data
  return url.slice(gateway.publicUrl.length)
}

/** Follows the redirect to the clean URL, as a browser does. */
async function enter(url: string, headers: Record<string, string> = {}): Promise<Answer & { cookie: string }> {
  const arrival = await gateway.request('GET', url, { headers })
  assert.deepEqual([arrival.status, arrival.headers.location, arrival.text], [303, 'lobby', ''])
  const cookie = String(arrival.headers['set-cookie']).split(';', 1)[0] ?? ''
  return { ...(await gateway.request('GET', '/lobby', { headers: { ...headers, cookie } })), cookie }
}

async function endAs(call: typeof memberLock | typeof memberLogout, fields: Body = {}): Promise<void> {
  gateway.clock.advance(1)
  const body = { agent_id: 'agent001', user_id: 'uid001', timestamp: gateway.clock.now(), ...fields }
  await gateway.post(call.path, signed(body, { call }))
  await gateway.hearChanges()
}

test('[check 25] the URL is swapped for a cookie and a clean URL; the cookie holds nothing that the URL held', async () => {
  const url = await logIn()
  const arrival = await gateway.request('GET', url)
  assert.deepEqual([arrival.status, arrival.headers.location, arrival.headers['cache-control']], [303, 'lobby', 'no-store'])
  assert.equal(arrival.headers['referrer-policy'], 'no-referrer')
  const cookie = String(arrival.headers['set-cookie'])
  assert.match(cookie, /^lobby=[\w-]{40,}; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/)
  const token = new URLSearchParams(url.split('?')[1]).get('token') ?? ''
  assert.ok(!cookie.includes(token) && !(await enter(url)).text.includes(token))
  const secure = await startTestGateway({ settings: { publicUrl: 'https://login.example' } })
  const { json } = await secure.post('/api/member/login', signed(loginBody(secure.clock.now())))
  const { pathname, search } = new URL((json as { data: { url: string } }).data.url)
  const answer = await secure.request('GET', pathname + search)
  assert.match(String(answer.headers['set-cookie']), /^__Host-lobby=[\w-]+; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
  await secure.close()
})

test('the lobby shows who has entered and with what', async () => {
  const url = await logIn({
    game_code: '101-DYfsRc',
    limits: { USD_101: '110101,110102', VND2_101: '110101' },
    callback: 'https://h5-uat.aig1234.com/home?a=1&b="<x>',
    custom_language: 'en->x',
  })
  const { status, text } = await enter(url)
  assert.equal(status, 200)
  for (const fact of [
    'Welcome, uid001',
    'agent001',
    'VND2',
    'American English · en-&#62;x',
    'Mobile web',
    'Baccarat',
    'Table: Table 1',
    '$1 – $100',
    '$10 – $1,000',
    '10,000–1,000,000 VND2',
    '24:00:00',
    'href="https://h5-uat.aig1234.com/home?a=1&#38;b=%22%3Cx%3E"',
  ]) {
    assert.ok(text.includes(fact), fact)
  }
})

test("it speaks the member's language, and English to others", async () => {
  const greetings = {
    'zh-Hant-TW': '欢迎，uid001',
    vi: 'Chào mừng, uid001',
    th: 'ยินดีต้อนรับ uid001',
    'pt-BR': 'Bem-vindo(a), uid001',
    'de-DE': 'Welcome, uid001',
  }
  for (const [language, greeting] of Object.entries(greetings)) {
    const { text } = await enter(await logIn({ language, game_code: '102' }))
    assert.ok(text.includes(greeting), language)
    assert.ok(text.includes(`<html lang="${language === 'de-DE' ? 'en' : language}">`), language)
  }
  const { text } = await enter(await logIn({ language: 'vi', game_code: '102' }))
  assert.ok(text.includes('Rồng Hổ'))
  const stranger = await gateway.request('GET', '/lobby', { headers: { 'accept-language': 'fr;q=0.9, pt-PT;q=0.8' } })
  assert.match(stranger.text, /<html lang="pt-PT">[\s\S]*Esta sessão terminou/)
})

test('a member who may not bet is told so', async () => {
  const url = await logIn()
  await endAs(memberLock, { status: 'LockBet' })
  assert.match((await enter(url)).text, /Betting is locked/)
  await endAs(memberLock, { status: 'Active' })
  assert.doesNotMatch((await enter(url)).text, /class="warn"/)
})

test('an ended session gets a friendly page that says how it ended, and the way back', async () => {
  const callback = 'https://h5-uat.aig1234.com/home'
  const kick = () =>
    new MemberAdmin({ store: gateway.store, clock: gateway.clock, origin: { surface: 'cli' } }).logout('agent001', 'uid001')
  const ends: [string, () => Promise<void>][] = [
    ['You have been signed out', () => endAs(memberLogout)],
    ['Your session was ended', kick],
    ['Your account is locked', () => endAs(memberLock, { status: 'LockAll' })],
  ]
  for (const [title, end] of ends) {
    const url = await logIn({ callback })
    const { cookie } = await enter(url)
    await end()
    const { status, text } = await gateway.request('GET', '/lobby', { headers: { cookie } })
    assert.equal(status, 410)
    assert.ok(text.includes(title) && text.includes(`href="${callback}"`), title)
    const again = await gateway.request('GET', url)
    assert.deepEqual([again.status, again.headers.location, again.headers['set-cookie']], [303, 'lobby/over?language=en-US', undefined])
  }
  await endAs(memberLock, { status: 'Active' })
})

test('an unknown or half-named session gets a friendly page at a clean URL', async () => {
  const urls = [
    '/lobby?agent_id=agent001&token=unknown-token',
    '/lobby?agent_id=a&agent_id=b&token=x',
    '/lobby?token=%00&agent_id=%3Cscript%3E&language=vi',
    '/lobby?token=x',
  ]
  for (const url of urls) {
    const { status, headers } = await gateway.request('GET', url, { address: '127.0.0.2' })
    assert.equal(status, 303)
    assert.match(String(headers.location), /^lobby\/over\?language=(en|vi)$/)
  }
  for (const headers of [{}, { cookie: 'lobby=x' }, { cookie: 'lobby=a; lobby=b' }] as Record<string, string>[]) {
    const { status, text } = await gateway.request('GET', '/lobby', { headers })
    assert.equal(status, 404)
    assert.match(text, /This session is over/)
  }
  assert.match((await gateway.request('GET', '/lobby/over?language=vi')).text, /Phiên này đã kết thúc/)
})

test('[check 25] in ticket mode the URL opens once; who was let in by it and opens it again finds the session', async () => {
  await gateway.updateMerchant({ settings: { launch: 'ticket' } })
  const url = await logIn()
  const { cookie } = await enter(url)
  assert.equal((await gateway.request('GET', url)).headers.location, 'lobby/over?language=en-US')
  assert.equal((await gateway.request('GET', url, { headers: { cookie } })).headers.location, 'lobby')
  await gateway.updateMerchant({ settings: { launch: 'token' } })
})

test('guesses are counted by address', async () => {
  const guess = () => gateway.request('GET', '/lobby?agent_id=agent001&token=guess', { address: '127.0.0.3' })
  for (let n = 0; n < 10; n++) assert.equal((await guess()).status, 303)
  const { status, headers, text } = await guess()
  assert.deepEqual([status, headers['retry-after']], [429, '1'])
  assert.match(text, /Too many attempts/)
  assert.equal((await gateway.request('GET', '/lobby?agent_id=agent001&token=guess')).status, 303)
})

test("[check 87] of guesses that come together as many are judged as one after another, a right one among them, with a session of one's own too", async () => {
  const url = await logIn()
  const own = await enter(await logIn())
  for (const [headers, address] of [
    [{}, '127.0.0.4'],
    [{ cookie: own.cookie }, '127.0.0.5'],
  ] as const) {
    const guesses = Array.from({ length: 100 }, (_, n) => `/lobby?agent_id=agent001&uid=uid001&token=guess-${n}`)
    const answers = await Promise.all([...guesses, url].map((path) => gateway.request('GET', path, { headers, address })))
    assert.equal(answers.filter(({ status }) => status === 303).length, 10)
    assert.equal(answers.at(-1)?.status, 429)
    assert.equal(answers.at(-1)?.headers['set-cookie'], undefined)
  }
})

test('an end is acknowledged by the page that was told, and not by other sites', async () => {
  const url = await logIn()
  const { cookie } = await enter(url)
  const [session] = await gateway.store.memberSessions.listLive('agent001', 'uid001', gateway.clock.now())
  assert.ok(session)
  const acknowledgedAt = async () => (await gateway.store.memberSessions.find(session.tokenHash))?.endAcknowledgedAt
  const acknowledge = async (headers: Record<string, string>) => {
    assert.equal((await gateway.request('POST', '/lobby/ack', { headers })).status, 204)
    return acknowledgedAt()
  }
  assert.equal(await acknowledge({ cookie }), null)
  await endAs(memberLogout)
  assert.equal(await acknowledge({}), null)
  assert.equal(await acknowledge({ cookie, 'sec-fetch-site': 'cross-site' }), null)
  assert.equal(await acknowledge({ cookie, 'sec-fetch-site': 'same-origin' }), gateway.clock.now())
})

test('[check 62] what a caller chose is shown, never run', async () => {
  const { text } = await enter(await logIn({ token: '"><svg/onload=alert(1)>', custom_language: 'en->x' }))
  assert.doesNotMatch(text, /<svg\/|onload=alert\(1\)>/)
})

test('the lobby is served only where it is turned on', async () => {
  const without = await startTestGateway({ settings: { lobbyPage: false } })
  for (const path of ['/lobby', '/lobby/over', '/lobby/events']) assert.equal((await without.request('GET', path)).status, 404)
  await without.close()
})
