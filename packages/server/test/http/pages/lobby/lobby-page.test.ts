import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { memberLock, memberLogout } from '@lobbykey/contract'
import { MemberAdmin } from '../../../../src/core/members/member-admin.ts'
import { arrive, atHome, fieldsOf, ownForm, postForm } from '../../../support/enter-lobby.ts'
import { type Answer, startTestGateway, type TestGateway } from '../../../support/gateway.ts'
import { type Body, loginBody, signed } from '../../../support/signed-body.ts'

let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway()
})
after(() => gateway.close())

/** Where a browser is led that was let in. */
const home = (language = 'en-US') => `lobby?language=${language}&agent_id=agent001`

async function logIn(changes: Body = {}): Promise<string> {
  gateway.clock.advance(1)
  const { json } = await gateway.post('/api/member/login', signed(loginBody(gateway.clock.now(), changes)))
  const { url } = (json as { data: { url: string } }).data
  return url.slice(gateway.publicUrl.length)
}

/** Comes in and follows the redirect to the clean URL, as a browser does. */
async function enter(url: string, headers: Record<string, string> = {}): Promise<Answer & { cookie: string }> {
  const { status, headers: answered, text, cookie } = await arrive(gateway, url, { headers })
  assert.deepEqual([status, text], [303, ''])
  assert.match(`/${answered.location}`, atHome)
  return { ...(await gateway.request('GET', `/${answered.location}`, { headers: { ...headers, cookie } })), cookie }
}

async function endAs(call: typeof memberLock | typeof memberLogout, fields: Body = {}): Promise<void> {
  gateway.clock.advance(1)
  const body = { agent_id: 'agent001', user_id: 'uid001', timestamp: gateway.clock.now(), ...fields }
  await gateway.post(call.path, signed(body, { call }))
  await gateway.hearChanges()
}

test('[check 25] the URL is swapped for a cookie and a clean URL; the cookie holds nothing that the URL held', async () => {
  const url = await logIn()
  const arrival = await arrive(gateway, url)
  assert.deepEqual([arrival.status, arrival.headers.location, arrival.headers['cache-control']], [303, home(), 'no-store'])
  assert.equal(arrival.headers['referrer-policy'], 'no-referrer')
  const cookie = String(arrival.headers['set-cookie'])
  assert.match(cookie, /^lobby=[\w-]{72}=\d{10}; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/)
  const token = new URLSearchParams(url.split('?')[1]).get('token') ?? ''
  assert.ok(!cookie.includes(token) && !(await enter(url)).text.includes(token))
  const secure = await startTestGateway({ settings: { publicUrl: 'https://login.example' } })
  const { json } = await secure.post('/api/member/login', signed(loginBody(secure.clock.now())))
  const { pathname, search } = new URL((json as { data: { url: string } }).data.url)
  const answer = await arrive(secure, pathname + search)
  assert.match(
    String(answer.headers['set-cookie']),
    /^__Host-lobby=[\w-]{72}=\d{10}; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
  )
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
    'VND2',
    'Baccarat',
    '<bdi>Table 1</bdi>',
    '$1 – $100',
    '$10 – $1,000',
    '10,000–1,000,000 VND2',
    '24:00:00',
    'href="https://h5-uat.aig1234.com/home?a=1&#38;b=%22%3Cx%3E"',
  ]) {
    assert.ok(text.includes(fact), fact)
  }
  const [shown = ''] = text.split('<template')
  for (const meaningless of ['agent001', 'American English', 'Mobile web', 'h5', 'Table: Table 1', 'en-&#62;x']) {
    assert.ok(
      !shown
        .replace(/="[^"]*"/g, '')
        .split('</head>')[1]
        ?.includes(meaningless),
      meaningless,
    )
  }
})

test("it speaks the member's language, and English to others", async () => {
  const greetings = {
    'zh-CN': '欢迎，uid001',
    'zh-TW': '歡迎，uid001',
    'zh-Hant-HK': '歡迎，uid001',
    vi: 'Chào mừng, uid001',
    th: 'ยินดีต้อนรับ uid001',
    'pt-BR': 'Boas-vindas, uid001',
    'id-ID': 'Selamat datang, uid001',
    'ko-KR': 'uid001 님, 환영합니다',
    'ja-JP': 'uid001 さん、ようこそ',
    'ar-EG': 'مرحبًا، \u2068uid001\u2069',
    'de-DE': 'Welcome, uid001',
  }
  for (const [language, greeting] of Object.entries(greetings)) {
    const { text } = await enter(await logIn({ language, game_code: '102' }))
    assert.ok(text.includes(greeting), language)
    const direction = language === 'ar-EG' ? ' dir="rtl"' : ''
    assert.ok(text.includes(`<html lang="${language === 'de-DE' ? 'en' : language}"${direction}>`), language)
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

test('[check 99] an ended session gets a friendly page that says how it ended, and the way back', async () => {
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
    const withoutCookies = await arrive(gateway, await logIn({ callback }), { hasCookies: false })
    const [, page = ''] = /data-token="([^"]+)"/.exec(withoutCookies.text) ?? []
    await end()
    const { status, text } = await gateway.request('GET', '/lobby', { headers: { cookie } })
    assert.equal(status, 410)
    const ofPage = await gateway.request('POST', '/lobby', { headers: ownForm(gateway), body: String(new URLSearchParams({ page })) })
    assert.deepEqual([ofPage.status, ofPage.text.includes(title)], [410, true])
    assert.ok(text.includes(title) && text.includes(`href="${callback}"`), title)
    const again = await arrive(gateway, url)
    assert.deepEqual([again.status, again.headers['set-cookie']], [404, undefined])
    const last = await postForm(gateway, again)
    assert.deepEqual(
      [last.status, last.headers.location],
      [303, `lobby/over?language=en-US&agent_id=agent001&callback=${encodeURIComponent(callback)}`],
    )
    const lost = await gateway.request('GET', `/${last.headers.location}`)
    assert.deepEqual([lost.status, lost.text.includes(`href="${callback}"`)], [404, true])
  }
  // A way back that a URL made up, or that is another merchant's.
  for (const [agentId, callback] of [
    ['agent001', 'https://evil.example/'],
    ['agent001', 'https://h5-uat.aig1234.com.evil.example/'],
    ['agent001', 'javascript:alert(1)//https://h5-uat.aig1234.com'],
    ['nobody', 'https://h5-uat.aig1234.com/home'],
  ] as const) {
    const query = new URLSearchParams({ agent_id: agentId, callback })
    for (const path of ['/lobby', '/lobby/over'])
      assert.doesNotMatch((await gateway.request('GET', `${path}?${query}`)).text, /<a[^>]* href=/, callback)
    query.set('token', 'x')
    assert.equal(fieldsOf((await gateway.request('GET', `/lobby?${query}`)).text).has('callback'), false, callback)
  }
  await endAs(memberLock, { status: 'Active' })
})

test('an unknown or half-named session gets a friendly page at a clean URL', async () => {
  for (const url of [
    '/lobby?agent_id=a&agent_id=b&token=x',
    '/lobby?token=%00&agent_id=a&agent_id=%3Cscript%3E&language=vi',
    '/lobby?token=x',
  ]) {
    const { status, headers } = await gateway.request('GET', url)
    assert.equal(status, 303)
    assert.match(String(headers.location), /^lobby\/over\?language=(en|vi)$/)
  }
  const unknown = await arrive(gateway, '/lobby?agent_id=agent001&token=unknown-token', { address: '127.0.0.2' })
  assert.deepEqual([unknown.status, unknown.headers.location], [303, 'lobby/over?language=en&agent_id=agent001'])
  const { text: markup } = await gateway.request('GET', '/lobby?agent_id=%3Cscript%3E&token=%22%3E%3Cb%3E')
  assert.doesNotMatch(markup, /<b>|value="<script/)
  for (const headers of [{}, { cookie: 'lobby=x' }, { cookie: 'lobby=a; lobby=b' }] as Record<string, string>[]) {
    const { status, text } = await gateway.request('GET', '/lobby', { headers })
    assert.equal(status, 404)
    assert.match(text, /This session is over/)
  }
  assert.match((await gateway.request('GET', '/lobby/over?language=vi')).text, /Phiên này đã kết thúc/)
})

test('[check 25] a browser that lost the answer to its redemption posts again, with and without cookies; nobody else can', async () => {
  await gateway.updateMerchant({ settings: { launch: 'ticket' } })
  let strangers = 0
  for (const hasCookies of [true, false]) {
    const page = await gateway.request('GET', await logIn())
    const first = await postForm(gateway, page, { hasCookies })
    const second = await postForm(gateway, page, { hasCookies })
    assert.deepEqual([first.status, second.status], hasCookies ? [303, 303] : [200, 200])
    if (hasCookies) assert.equal(second.cookie, first.cookie)
    else assert.match(second.text, /Welcome, uid001/)
    // Whoever has the URL alone, or makes up what tells browsers apart.
    const fields = fieldsOf(page.text)
    for (const arrival of ['', 'A'.repeat(22), '1', 'x'.repeat(5_000), `${fields.get('arrival')} `]) {
      const body = new URLSearchParams([...fields].filter(([name]) => name !== 'arrival'))
      if (arrival !== '') body.set('arrival', arrival)
      const other = await gateway.request('POST', '/lobby', {
        headers: ownForm(gateway),
        body: String(body),
        address: `127.0.2.${++strangers}`,
      })
      assert.ok(other.status === 404 || other.status === 303, arrival)
      assert.equal(other.headers['set-cookie'], undefined)
    }
  }
  const page = await gateway.request('GET', await logIn())
  const { cookie } = await postForm(gateway, page)
  gateway.clock.advance(61_000)
  assert.equal((await postForm(gateway, page)).status, 404, 'a minute later it is used up for everybody')
  assert.equal((await gateway.request('GET', '/lobby', { headers: { cookie } })).status, 200)
  const last = await gateway.request('GET', await logIn())
  await postForm(gateway, last)
  await endAs(memberLogout)
  assert.equal((await postForm(gateway, last)).status, 404, 'nor does it open what is over')
  await gateway.updateMerchant({ settings: { launch: 'token' } })
})

test('[check 25] the link tapped again in the same browser finds the session that the lost answer opened', async () => {
  await gateway.updateMerchant({ settings: { launch: 'ticket' } })
  const url = await logIn()
  const page = await gateway.request('GET', url)
  await postForm(gateway, page)
  const probe = String([page.headers['set-cookie']].flat()[0]).split(';', 1)[0] ?? ''
  const again = await arrive(gateway, url, { headers: { cookie: probe } })
  assert.equal(again.headers.location, home())
  assert.match((await gateway.request('GET', '/lobby', { headers: { cookie: again.cookie } })).text, /Welcome, uid001/)
  assert.equal((await arrive(gateway, url)).status, 404, 'another browser')
  await gateway.updateMerchant({ settings: { launch: 'token' } })
})

test('[check 25] in ticket mode the URL opens once; who was let in by it and opens it again finds the session', async () => {
  await gateway.updateMerchant({ settings: { launch: 'ticket' } })
  const url = await logIn()
  const { cookie } = await enter(url)
  assert.equal((await arrive(gateway, url)).status, 404)
  assert.equal((await arrive(gateway, url, { headers: { cookie } })).headers.location, home())
  await gateway.updateMerchant({ settings: { launch: 'token' } })
})

test('[check 91] no GET, HEAD, prefetch or preview spends a ticket, and none asks the store', async () => {
  await gateway.updateMerchant({ settings: { launch: 'ticket' } })
  const url = await logIn()
  const looks: Record<string, string>[] = [
    {},
    { 'sec-purpose': 'prefetch' },
    { 'sec-purpose': 'prefetch;prerender' },
    { purpose: 'prefetch' },
    { 'x-moz': 'prefetch' },
    { 'user-agent': 'WhatsApp/2.23.20.0 A' },
    { 'user-agent': 'facebookexternalhit/1.1;line-poker/1.0' },
    { 'user-agent': 'TelegramBot (like TwitterBot)' },
  ]
  for (const headers of looks) {
    const { status, text, headers: answered } = await gateway.request('GET', url, { headers })
    assert.equal(status, 200)
    assert.match(text, /<form class="end" method="post" action="lobby"/)
    assert.equal(answered['referrer-policy'], 'strict-origin')
    assert.match(String(answered['content-security-policy']), /form-action 'self'.*frame-ancestors 'none'/)
    const runs = !('user-agent' in headers || 'purpose' in headers || 'x-moz' in headers)
    assert.equal(text.includes('<script>'), runs, JSON.stringify(headers))
  }
  const head = await gateway.app.inject({ method: 'HEAD', url })
  assert.deepEqual([head.statusCode, head.body], [200, ''])
  const inApp = {
    'user-agent': 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Version/4.0 Chrome/120 Mobile Safari/537.36 Line/13.1.0/IAB',
  }
  assert.match((await gateway.request('GET', url, { headers: inApp })).text, /<script>/)
  assert.equal((await enter(url)).status, 200)
  await gateway.updateMerchant({ settings: { launch: 'token' } })
})

test('[check 91] two taps of one browser are one use: the one that lost asks once more and finds the session', async () => {
  for (const launch of ['ticket', 'token'] as const) {
    await gateway.updateMerchant({ settings: { launch } })
    const url = await logIn()
    const pages = await Promise.all([gateway.request('GET', url), gateway.request('GET', url)])
    const taps = await Promise.all(pages.map((page) => postForm(gateway, page)))
    const won = taps.find(({ status }) => status === 303)
    const lost = taps.find((tap) => tap !== won)
    assert.ok(won !== undefined && lost !== undefined)
    assert.deepEqual([lost.status, won.headers.location], [launch === 'ticket' ? 404 : 303, home()])
    if (launch === 'token') continue
    assert.equal(fieldsOf(lost.text).has('token'), false)
    assert.match(lost.text, /data-delay="800"/)
    const again = await postForm(gateway, lost, { headers: { cookie: won.cookie } })
    assert.deepEqual([again.status, again.headers.location], [303, home()])
    const stranger = await postForm(gateway, lost)
    assert.deepEqual([stranger.status, stranger.headers.location], [303, 'lobby/over?language=en-US&agent_id=agent001'])
  }
})

test('[check 25] of fifty strangers who redeem one ticket at once, one comes in, with and without cookies', async () => {
  await gateway.updateMerchant({ settings: { launch: 'ticket' } })
  for (const hasCookies of [true, false]) {
    const url = await logIn()
    const pages = await Promise.all(Array.from({ length: 50 }, () => gateway.request('GET', url)))
    const from = (n: number) => ({ address: `10.0.${hasCookies ? 1 : 2}.${n}`, hasCookies })
    const answers = await Promise.all(pages.map((page, n) => postForm(gateway, page, from(n))))
    const inside = answers.filter(({ status, text }) => status === 303 || text.includes('data-page="live"'))
    assert.equal(inside.length, 1)
    assert.equal(answers.filter(({ status }) => status === 404).length, 49)
  }
  await gateway.updateMerchant({ settings: { launch: 'token' } })
})

test('[check 99] a redemption that another site forges opens nothing and spends nothing', async () => {
  await gateway.updateMerchant({ settings: { launch: 'ticket' } })
  const url = await logIn()
  const page = await gateway.request('GET', url)
  const own = ownForm(gateway)
  const form = { 'content-type': String(own['content-type']) }
  for (const headers of [
    form,
    { ...form, origin: 'null', 'sec-fetch-site': 'cross-site' },
    { ...form, origin: 'null' },
    { ...form, origin: 'https://evil.example' },
    { ...own, origin: 'https://evil.example' },
    { ...own, 'sec-fetch-site': 'cross-site' },
    { ...own, 'sec-fetch-site': 'same-site' },
  ] as Record<string, string>[]) {
    const answer = await gateway.request('POST', '/lobby', { headers, body: String(fieldsOf(page.text)) })
    assert.deepEqual([answer.status, answer.headers['set-cookie']], [403, undefined], JSON.stringify(headers))
  }
  const json = await gateway.request('POST', '/lobby', { headers: { ...own, 'content-type': 'application/json' }, body: '{}' })
  assert.equal(json.status, 415)
  assert.equal((await postForm(gateway, page)).status, 303)
  await gateway.updateMerchant({ settings: { launch: 'token' } })
})

test('[check 99] where no cookie sticks the page holds a token, which is worth nothing elsewhere and nothing after the end', async () => {
  const url = await logIn()
  const { status, text, headers } = await arrive(gateway, url, { hasCookies: false })
  assert.deepEqual([status, headers['set-cookie'], headers['referrer-policy']], [200, undefined, 'strict-origin'])
  const [, token = '', leave = ''] = /data-token="([^"]+)" data-leave="([^"]+)"/.exec(text) ?? []
  assert.equal(leave, 'lobby/left?language=en-US&#38;agent_id=agent001')
  const post = (path: string, fields: Record<string, string>, more = {}) =>
    gateway.request('POST', path, { headers: { ...ownForm(gateway), ...more }, body: String(new URLSearchParams(fields)) })
  const again = await post('/lobby', { page: token })
  assert.ok(again.status === 200 && again.text.includes('Welcome, uid001'))
  assert.equal((await gateway.request('GET', '/lobby', { headers: { cookie: `lobby=${token}` } })).status, 404)
  assert.equal((await post('/lobby', { page: token }, { origin: 'https://evil.example' })).status, 403)
  const { cookie } = await enter(await logIn())
  assert.equal((await post('/lobby', { page: cookie.split('=')[1] ?? '' })).headers.location, 'lobby/over?language=en')
  const unknown = await post('/lobby', { page: `${token.slice(1)}x`, language: 'ja', agent_id: 'agent001' })
  assert.equal(unknown.headers.location, 'lobby/over?language=ja&agent_id=agent001')
  const left = await gateway.request('GET', `/${leave.replace('&#38;', '&')}`)
  assert.equal(left.status, 410)
  assert.match(left.text, /Please enter again.*keeps no cookies/s)
  await endAs(memberLogout)
  const over = await post('/lobby', { page: token })
  assert.deepEqual([over.status, over.text.includes('You have been signed out')], [410, true])
})

test('[check 99] a lobby is framed by the origins of its own merchant alone, and its cookie there is partitioned', async () => {
  const secure = await startTestGateway({ settings: { publicUrl: 'https://login.example' } })
  await secure.updateMerchant({ settings: { frameAncestors: ['https://www.acme.example', 'https://m.acme.example'] } })
  const { json } = await secure.post('/api/member/login', signed(loginBody(secure.clock.now())))
  const { pathname, search } = new URL((json as { data: { url: string } }).data.url)
  const framed = /frame-ancestors https:\/\/www\.acme\.example https:\/\/m\.acme\.example$/
  const policy = ({ headers }: Answer) => String(headers['content-security-policy'])
  assert.match(policy(await secure.request('GET', pathname + search)), framed)
  assert.match(policy(await secure.request('GET', '/lobby/over?agent_id=agent001')), framed)
  for (const path of ['/lobby', '/lobby?agent_id=other', '/lobby/over', '/lobby/over?agent_id=other', '/lobby?agent_id=other&token=x', '/'])
    assert.match(policy(await secure.request('GET', path)), /frame-ancestors 'none'/, path)
  const entered = await arrive(secure, pathname + search)
  assert.match(
    String(entered.headers['set-cookie']),
    /^__Host-lobby-framed=[\w-]{72}=\d{10}; Max-Age=86400; Path=\/; HttpOnly; SameSite=None; Secure; Partitioned$/,
  )
  const lobby = await secure.request('GET', '/lobby', { headers: { cookie: entered.cookie } })
  assert.equal(lobby.status, 200)
  assert.match(policy(lobby), framed)
  const held = await arrive(secure, pathname + search, { hasCookies: false })
  assert.match(policy(held), framed)

  // Cookie and session are gone with its end; the merchant's site still frames what a reload answers.
  secure.clock.advance(86_400_000)
  const late = await secure.request('GET', `/${entered.headers.location}`)
  assert.deepEqual([late.status, late.text.includes('This session is over')], [404, true])
  assert.match(policy(late), framed)
  const left = await secure.request('GET', '/lobby/left?agent_id=agent001')
  assert.match(policy(left), framed)

  const guess = () => arrive(secure, '/lobby?agent_id=agent001&uid=uid001&token=guess&language=ja-JP')
  for (let n = 0; n < 10; n++) assert.match(policy(await guess()), framed)
  const refused = await guess()
  assert.equal(refused.status, 429)
  assert.match(policy(refused), framed)
  assert.match(refused.text, /<html lang="ja-JP">/)
  await secure.close()
})

test('the cookie ends with its session, also when another login renewed that', async () => {
  const { cookie } = await enter(await logIn({ token: 'a-renewed-token' }))
  const [, handle] = cookie.split('=')
  const shown = (held = cookie) => gateway.request('GET', '/lobby', { headers: { cookie: held } })
  gateway.clock.advance(80_000_000)
  assert.equal((await shown()).headers['set-cookie'], undefined, 'a late answer takes the place of no newer cookie')
  await logIn({ token: 'a-renewed-token' })
  await gateway.hearChanges()
  const expiresAt = Math.ceil((gateway.clock.now() + 86_400_000) / 1_000)
  for (const held of [cookie, `lobby=${handle}`])
    assert.equal((await shown(held)).headers['set-cookie'], `lobby=${handle}=${expiresAt}; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax`)
  assert.equal((await shown(`lobby=${handle}=${expiresAt}`)).headers['set-cookie'], undefined)
  await endAs(memberLogout)
  assert.deepEqual([(await shown()).status, (await shown()).headers['set-cookie']], [410, undefined])
})

test('guesses are counted by address', async () => {
  const guess = () => arrive(gateway, '/lobby?agent_id=agent001&uid=uid001&token=guess', { address: '127.0.0.3' })
  for (let n = 0; n < 10; n++) assert.equal((await guess()).status, 404)
  const { status, headers, text } = await guess()
  assert.deepEqual([status, headers['retry-after']], [429, '1'])
  assert.match(text, /Too many attempts/)
  assert.equal((await arrive(gateway, '/lobby?agent_id=agent001&uid=uid001&token=guess')).status, 404)
})

test("[check 87] of guesses that come together as many are judged as one after another, a right one among them, with a session of one's own too", async () => {
  const url = await logIn()
  const own = await enter(await logIn())
  for (const [headers, address] of [
    [{}, '127.0.0.4'],
    [{ cookie: own.cookie }, '127.0.0.5'],
  ] as const) {
    const guesses = Array.from({ length: 100 }, (_, n) => `/lobby?agent_id=agent001&uid=uid001&token=guess-${n}`)
    const answers = await Promise.all([...guesses, url].map((path) => arrive(gateway, path, { headers, address })))
    // Somebody who is in already is led there, whatever was guessed.
    assert.equal(answers.filter(({ status }) => status === ('cookie' in headers ? 303 : 404)).length, 10)
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
    assert.equal((await gateway.request('POST', '/lobby/ack', { headers: { origin: gateway.publicUrl, ...headers } })).status, 204)
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
  for (const path of ['/lobby', '/lobby/over', '/lobby/left', '/lobby/events'])
    assert.equal((await without.request('GET', path)).status, 404)
  await without.close()
})
