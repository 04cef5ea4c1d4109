import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { sellerBasePaths } from '@lobbykey/contract'
import { WebSocket, WebSocketServer } from 'ws'
import { isReservedHeader } from '../../../src/core/base/reserved-headers.ts'
import { requestMsMax } from '../../../src/http/base-app.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { identitySpellings, sendLines, sendRaw } from '../../support/raw-request.ts'
import { RecordingServer } from '../../support/recording-server.ts'
import { bearer, decodeToken, loginTokens, logout } from '../../support/seller-calls.ts'
import { freePort } from '../../support/server-process.ts'
import { until } from '../../support/until.ts'

describe('upstreams', () => {
  let gateway: TestGateway
  let upstream: RecordingServer
  let port: number
  let accessToken: string
  let refreshToken: string
  before(async () => {
    upstream = await RecordingServer.start()
    const url = `http://127.0.0.1:${upstream.port}`
    gateway = await startTestGateway({
      settings: {
        upstreams: [
          { prefix: '/merchant-api/orders', url },
          { prefix: '/merchant-api/stock', url: `${url}/v1/stock` },
          { prefix: '/merchant-api/orders/archive', url: `${url}/archive` },
          { prefix: '/merchant-api/away', url: `http://127.0.0.1:${await freePort()}` },
        ],
        upstreamTimeoutSeconds: 1,
        upstreamHeaders: ['x-custom'],
      },
    })
    ;({ accessToken, refreshToken } = await loginTokens(gateway))
    port = Number(new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port)
  })
  after(async () => {
    await gateway.close()
    await upstream.close()
  })
  beforeEach(() => {
    upstream.received = []
  })
  afterEach(() => {
    upstream.answer = null
  })

  const good = () => `Authorization: Bearer ${accessToken}`
  const send = (method: string, path: string, lines: readonly string[]) => sendLines(port, method, path, lines)
  const chunkedHead = (path: string) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${good()}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
  const codeIn = (answer: string) => /"code":"(\d+)"/.exec(answer)?.[1]

  test("a caller's disconnect reaches the service at once, and is not its failure", async () => {
    for (const beginsToAnswer of [false, true]) {
      const gone = Promise.withResolvers<void>()
      const came = Promise.withResolvers<void>()
      upstream.answer = (request, response) => {
        request.socket.once('close', () => gone.resolve())
        if (beginsToAnswer) response.write('half')
        came.resolve()
      }
      const call = httpRequest({ port, path: '/merchant-api/orders/slow', headers: { authorization: `Bearer ${accessToken}` } })
      call.on('error', () => {})
      if (beginsToAnswer) call.on('response', () => call.destroy())
      call.end()
      await came.promise
      if (!beginsToAnswer) call.destroy()
      await gone.promise
    }
    await gateway.flushRefusals()
    const refusals = await gateway.store.refusals.list({ limit: 10 })
    assert.deepEqual(
      refusals.filter(({ kind }) => kind === 'seller.upstream'),
      [],
    )
  })

  test("a service's own address in Location becomes the public one; a foreign one is kept", async () => {
    const own = `http://127.0.0.1:${upstream.port}`
    const origin = gateway.publicUrl
    const cases: [string, string, string][] = [
      ['/merchant-api/orders/1', `${own}/2?a=b#c`, `${origin}/merchant-api/orders/2?a=b#c`],
      ['/merchant-api/orders/1', '/2', `/merchant-api/orders/2`],
      [`${sellerBasePaths[1]}/orders/1`, '/2', `${sellerBasePaths[1]}/orders/2`],
      ['/merchant-api/orders/1', '/merchant-api/orders/2', '/merchant-api/orders/2'],
      ['/merchant-api/orders/1', `${own}/merchant-api/orders/2`, `${origin}/merchant-api/orders/2`],
      ['/merchant-api/stock/1', `${own}/v1/stock/2`, `${origin}/merchant-api/stock/2`],
      ['/merchant-api/stock/1', '/v1/stock', `/merchant-api/stock`],
      ['/merchant-api/stock/1', '/v1/stockroom', '/v1/stockroom'],
      ['/merchant-api/stock/1', '2', '2'],
      ['/merchant-api/stock/1', '?page=2', '?page=2'],
      ['/merchant-api/stock/1', 'https://elsewhere.example/v1/stock/2', 'https://elsewhere.example/v1/stock/2'],
      ['/merchant-api/stock/1', `//127.0.0.1:${upstream.port}/v1/stock/2`, `${origin}/merchant-api/stock/2`],
      ['/merchant-api/stock/1', 'http://[', 'http://['],
    ]
    for (const [path, location, expected] of cases) {
      upstream.answer = (_request, response) => response.writeHead(302, { location, 'content-location': location }).end()
      const { headers } = await gateway.request('GET', path, { headers: { authorization: `Bearer ${accessToken}` } })
      assert.deepEqual([headers.location, headers['content-location']], [expected, expected], `${path} ${location}`)
    }
  })

  test('a valid bearer is forwarded with its identity; prefix and URL combine', async () => {
    const { sub, sid, exp } = decodeToken(accessToken).claims
    const paths = {
      '/merchant-api/orders': '/',
      '/merchant-api/orders/7?a=1&b=%20': '/7?a=1&b=%20',
      '/merchant-api/orders/': '/',
      '/api/merchant-api/orders/7': '/7',
      '/merchant-api/stock/x/y': '/v1/stock/x/y',
      '/merchant-api/stock': '/v1/stock',
      '/merchant-api/orders/archive/2025': '/archive/2025',
    }
    for (const [path, expected] of Object.entries(paths)) {
      upstream.received = []
      const { status, answer } = await send('GET', path, [good(), 'Cookie: a=b', 'X-Custom: yes'])
      assert.equal(status, 200, answer)
      assert.ok(answer.endsWith(`upstream has GET ${expected}`), `${path} ${answer}`)
      const headers = upstream.headersByPlainName()
      assert.deepEqual(
        ['x-seller-id', 'x-session-id', 'x-token-expires-at'].map((name) => headers.get(name)),
        [[sub], [sid], [String(exp)]],
      )
      assert.deepEqual([headers.get('cookie'), headers.get('x-custom')], [['a=b'], ['yes']])
      assert.deepEqual(headers.get('authorization'), [`Bearer ${accessToken}`])
      assert.deepEqual(headers.get('host'), [`127.0.0.1:${upstream.port}`])
      assert.deepEqual(headers.get('x-forwarded-for'), ['127.0.0.1'])
      assert.deepEqual([headers.get('x-forwarded-proto'), headers.get('x-forwarded-host')], [['http'], ['127.0.0.1:8080']])
      assert.equal(headers.get('x-request-id')?.[0], /x-request-id: (\S+)/i.exec(answer)?.[1])
    }
  })

  test('any other request is answered in the seller envelope and reaches nothing', async () => {
    const ended = (await loginTokens(gateway)).accessToken
    await logout(gateway, ended)
    const cases: [string[], number, string][] = [
      [[], 401, '10008'],
      [['Authorization: Bearer garbage'], 401, '10008'],
      [[`Authorization: Bearer ${refreshToken}`], 401, '10008'],
      [[`Authorization: Bearer ${ended}`], 401, '10010'],
      [['Authorization: Basic eDp5'], 401, '10008'],
      [[good(), good()], 400, '10005'],
      [['X-Seller-Id: forged'], 401, '10008'],
    ]
    for (const [lines, status, code] of cases) {
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS', 'PATCH', 'PUT', 'HEAD']) {
        const answered = await send(method, '/merchant-api/orders/7', [...lines, 'Content-Length: 0'])
        assert.equal(answered.status, status, `${method} ${lines}`)
        if (method !== 'HEAD') assert.equal(codeIn(answered.answer), code)
        if (status === 401) assert.match(answered.answer, /www-authenticate: Bearer error="invalid_token"/i)
        assert.match(answered.answer, /cache-control: no-store/i)
      }
    }
    const inUrl = await send('GET', `/merchant-api/orders?access_token=${accessToken}`, [good()])
    assert.deepEqual([inUrl.status, codeIn(inUrl.answer)], [400, '10005'])
    const unknown = await send('TRACE', '/merchant-api/orders', [good()])
    assert.ok([400, 404, 405].includes(unknown.status))
    assert.equal(upstream.received.length, 0)
  })

  test('a path that merely begins like the prefix is not forwarded, and the seller API keeps its own paths', async () => {
    for (const path of ['/merchant-api/ordersx', '/merchant-api/Orders', '/merchant-api/order', '/merchant-api/%6frders/7']) {
      const { status, answer } = await send('GET', path, [good()])
      assert.deepEqual([status, codeIn(answer)], [404, '10001'], path)
    }
    assert.equal((await send('GET', '/merchant-api/seller/auth/me', [good()])).status, 200)
    assert.equal(upstream.received.length, 0)
  })

  test('[check 58] identity headers from the caller never reach the upstream, in any spelling', async () => {
    const { sub, sid, exp } = decodeToken(accessToken).claims
    const forged = identitySpellings().map((spelling) => `${spelling}: forged`)
    const attempts = [
      ...forged.map((line) => [line]),
      forged,
      forged.flatMap((line) => [line, line]),
      ['Connection: X-Seller-Id, X-Session-Id, X-Token-Expires-At, X-Forwarded-For', 'X-Seller-Id: forged'],
      ['X-Seller-Id : forged'],
      [' X-Seller-Id: forged'],
    ]
    for (const lines of attempts) {
      upstream.received = []
      const { status } = await send('GET', '/merchant-api/orders/7', [...lines, good()])
      if (status === 400) continue
      assert.equal(status, 200, lines.join())
      const headers = upstream.headersByPlainName()
      assert.deepEqual(
        ['x-seller-id', 'x-session-id', 'x-token-expires-at'].map((name) => headers.get(name)),
        [[sub], [sid], [String(exp)]],
        lines.join(),
      )
      assert.deepEqual(headers.get('x-forwarded-for'), ['127.0.0.1'])
    }
  })

  test("proxy headers from the caller and hop-by-hop headers are dropped; an upstream's hop-by-hop headers, too", async () => {
    upstream.answer = (_request, response) => {
      response.setHeader('connection', 'x-secret').setHeader('x-secret', 'a').setHeader('keep-alive', 'timeout=9')
      response.setHeader('x-request-id', 'theirs').setHeader('set-cookie', ['a=1', 'b=2']).setHeader('location', '/9')
      response.writeHead(201).end('made')
    }
    const told = ['Forwarded: for=9.9.9.9', 'X-Forwarded-For: 9.9.9.9', 'X_Forwarded_For: 9.9.9.9', 'X-Real-IP: 9.9.9.9']
    const more = ['X-Original-URL: /admin', 'X-Rewrite-URL: /admin', 'X-Forwarded-Host: evil', 'X-Request-Id: theirs', 'TE: trailers']
    const hop = [
      'Keep-Alive: timeout=1',
      'Proxy-Authorization: x',
      'Expect: 100-continue',
      'Upgrade: h2c',
      'X-Drop: 1',
      'Connection: X-Drop',
    ]
    const { answer } = await send('GET', '/merchant-api/orders', [good(), ...told, ...more, ...hop])
    assert.match(answer, /^HTTP\/1\.1 201 /m)
    const headers = upstream.headersByPlainName()
    for (const name of [
      'forwarded',
      'x-real-ip',
      'x-original-url',
      'x-rewrite-url',
      'te',
      'keep-alive',
      'proxy-authorization',
      'expect',
      'upgrade',
      'x-drop',
    ])
      assert.equal(headers.get(name), undefined, name)
    assert.doesNotMatch(JSON.stringify([...headers]), /9\.9\.9\.9|evil|theirs|admin/)
    assert.doesNotMatch(answer, /x-secret|theirs|timeout=9/)
    assert.match(answer, /set-cookie: a=1\r\nset-cookie: b=2/i)
    assert.match(answer, /location: \/merchant-api\/orders\/9/i)
    assert.match(answer, /x-content-type-options: nosniff/i)
  })

  test('[check 58] only listed headers are forwarded: proxy headers of any vendor, method overrides and Proxy are not, in any spelling', async () => {
    const told =
      `Forwarded Via X-Forwarded-For X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-User X-Real-IP X-Client-IP Client-IP True-Client-IP
      X-Cluster-Client-IP CF-Connecting-IP CF-Access-Authenticated-User-Email Fastly-Client-IP Fly-Client-IP X-Azure-ClientIP
      X-MS-Client-Principal X-Amzn-Oidc-Identity X-Goog-Authenticated-User-Email X-Envoy-External-Address X-Envoy-Original-Path
      X-Original-URL X-Original-Method X-Rewrite-URL X-HTTP-Method X-HTTP-Method-Override X-Method-Override Proxy Proxy-Host Remote-User
      X-Remote-User X-Auth-Request-Email X-Webauth-User X-Consumer-ID X-SSL-Client-Cert X-Client-Cert X-ARR-ClientCert WL-Proxy-Client-IP
      X-Middleware-Subrequest X-Accel-Redirect X-User-Id X-Host X-Unheard-Of`.split(/\s+/)
    const spellings = told.flatMap((name) => [name, name.toLowerCase(), name.replaceAll('-', '_'), name.replaceAll('-', '.')])
    await send('GET', '/merchant-api/orders', [good(), ...spellings.map((name) => `${name}: forged`)])
    const headers = upstream.headersByPlainName()
    assert.doesNotMatch(JSON.stringify([...headers]), /forged/)
    for (const name of told.filter((name) => name !== 'X-Unheard-Of')) {
      for (const spelled of [name, name.replaceAll('-', '_'), name.replaceAll('-', '.')]) assert.ok(isReservedHeader(spelled), spelled)
    }
  })

  test('[check 58] our own cookies are not forwarded, and an upstream cannot set them', async () => {
    upstream.answer = (_request, response) => {
      const set = [
        'a=1; Path=/',
        'lobby=evil',
        '__Host-lobby=evil; Path=/; Secure',
        ' __HOST-LOBBY =evil',
        '=__Host-lobby=evil',
        'lobby',
        'b=lobby',
      ]
      response.setHeader('set-cookie', set).setHeader('clear-site-data', '"cookies"').setHeader('x-accel-redirect', '/etc').end('done')
    }
    const { answer } = await send('GET', '/merchant-api/orders', [
      good(),
      'Cookie: a=b; __Host-lobby=secret; c=d',
      'Cookie: lobby=secret; =lobby=secret; LOBBY=secret;e=f',
    ])
    assert.deepEqual(upstream.headersByPlainName().get('cookie'), ['a=b; c=d;e=f'])
    assert.deepEqual(answer.match(/^set-cookie: .*$/gim), ['set-cookie: a=1; Path=/', 'set-cookie: b=lobby'])
    assert.doesNotMatch(answer, /evil|clear-site-data|x-accel/i)
    upstream.received = []
    await send('GET', '/merchant-api/orders', [good(), 'Cookie: lobby=secret'])
    assert.equal(upstream.headersByPlainName().get('cookie'), undefined)
  })

  test('[check 58] path tricks reach nothing', async () => {
    const paths = [
      '/merchant-api/orders/../stock',
      '/merchant-api/orders/..',
      '/merchant-api/orders/./7',
      '/merchant-api/orders//7',
      '/merchant-api/orders//evil.example/',
      '/merchant-api/orders/%2e%2e/7',
      '/merchant-api/orders/%2e%2e%2f7',
      '/merchant-api/orders/..;/7',
      '/merchant-api/orders/..%3b/7',
      '/merchant-api/orders/%252e%252e/7',
      '/merchant-api/orders/a%2fb',
      '/merchant-api/orders/a\\..\\b',
      '/merchant-api/orders/%5c..%5c',
      '/merchant-api/orders/%00',
      '/merchant-api/orders/%zz',
      '/merchant-api/orders/http://evil.example/',
      '/merchant-api/orders@evil.example/',
      '/merchant-api/orders/%c0%ae%c0%ae/7',
      'http://evil.example/merchant-api/orders/7',
      '//evil.example/merchant-api/orders/7',
      '/merchant-api/../merchant-api/orders/7',
      '/merchant-api//orders/7',
      '/merchant-api/orders/7#/../stock',
      '/merchant-api/orders/7?a=1#b',
    ]
    for (const path of paths) {
      const { status, answer } = await send('GET', path, [good()])
      assert.ok([400, 404].includes(status), `${path} ${answer}`)
    }
    assert.equal(upstream.received.length, 0)
    // In a query it is data.
    const query = await send('GET', '/merchant-api/orders/7?u=//evil/../%2e%2e%2f&v=http://x', [good()])
    assert.ok(query.answer.endsWith('GET /7?u=//evil/../%2e%2e%2f&v=http://x'))
  })

  test('bytes beyond ASCII in headers, and encoded ones in queries, are forwarded unchanged', async () => {
    const { status } = await send('GET', '/merchant-api/orders/7?b=%E9&c=[x]|y', [good(), 'X-Custom: caf\u00e9', 'X.Dotted: yes'])
    assert.equal(status, 200)
    assert.equal(upstream.received[0]?.url?.split('?')[0], '/7')
    assert.equal(upstream.headersByPlainName().get('x-dotted'), undefined)
    for (const lines of [['X-Bad: a\u0000b'], ['X Bad: a'], ['X-Bad\u00e9: a']]) {
      assert.equal((await send('GET', '/merchant-api/orders/7', [good(), ...lines])).status, 400)
    }
  })

  test('a body of any size and type streams through, both ways, without being collected', async () => {
    const body = randomBytes(5_000_000)
    upstream.answer = (request, response) => {
      response.setHeader('content-type', request.headers['content-type'] ?? 'none')
      request.pipe(response)
    }
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/octet-stream', undefined]) {
      const answer = await sendBody({ method: 'POST', headers: type === undefined ? {} : { 'content-type': type } }, body)
      assert.equal(answer.headers['content-type'], type ?? 'none')
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk)
      assert.ok(Buffer.concat(chunks).equals(body), String(type))
    }
    // The upstream answers the first chunk before the second is sent.
    const sent = httpRequest({ port, method: 'PUT', path: '/merchant-api/orders/7', headers: { authorization: `Bearer ${accessToken}` } })
    sent.write('first ')
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const [piece] = (await once(answer, 'data')) as [Buffer]
    assert.equal(piece.toString(), 'first ')
    sent.end('second')
    assert.equal(await text(answer), 'second')
  })

  test('a refused request with a large body is answered at once, and its connection closed', async () => {
    const answer = await sendRaw(
      port,
      'POST /merchant-api/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 1000000000\r\n\r\nabc',
    )
    assert.match(answer, /^HTTP\/1\.1 401 (?:.|\r|\n)*connection: close/i)
    assert.equal(upstream.received.length, 0)
  })

  test('one request in, one request out: a request hidden in the body of a GET stays there', async () => {
    const hidden = 'GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n'
    await send('GET', '/merchant-api/orders/1', [good(), `Content-Length: ${hidden.length}\r\n\r\n${hidden}`])
    await send('GET', '/merchant-api/orders/2', [good(), `Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n`])
    assert.deepEqual(
      upstream.received.map(({ url }) => url),
      ['/1', '/2'],
    )
  })

  test('an upstream that is unreachable, silent, broken or slow is 10004 with Retry-After, and never 500', async () => {
    const away = await send('GET', '/merchant-api/away/7', [good()])
    assert.deepEqual([away.status, codeIn(away.answer)], [503, '10004'], away.answer)
    assert.match(away.answer, /retry-after: 1/i)
    const troubles = {
      silent: () => {},
      reset: (request: IncomingMessage) => request.socket.resetAndDestroy(),
      garbage: (request: IncomingMessage) => request.socket.end('not HTTP\r\n\r\n'),
      closed: (request: IncomingMessage) => request.socket.end(),
    }
    for (const [name, trouble] of Object.entries(troubles)) {
      upstream.received = []
      upstream.answer = trouble
      for (const method of ['GET', 'POST']) {
        const answered = await send(method, '/merchant-api/orders/7', [good(), 'Content-Length: 0'])
        assert.deepEqual([answered.status, codeIn(answered.answer)], [503, '10004'], `${name} ${method}`)
      }
      assert.equal(upstream.received.length, 2, `${name}: nothing is sent twice`)
    }
    upstream.answer = (_request, response) => {
      response.writeHead(503, { 'retry-after': '1' }).end('mine')
    }
    upstream.received = []
    assert.ok((await send('GET', '/merchant-api/orders/7', [good()])).answer.includes('mine'), "an upstream's own 503 is its own")
    assert.equal(upstream.received.length, 1)
    await gateway.flushRefusals()
    const [event] = await gateway.store.refusals.list({ kind: 'seller.upstream_refused', limit: 1 })
    assert.equal(event?.surface, 'verify-api')
  })

  test('a body that pauses longer than the timeout ends its connection', async () => {
    upstream.answer = (request, response) => {
      request.on('end', () => response.end('whole')).resume()
    }
    assert.match(await sendRaw(port, `${chunkedHead('/merchant-api/orders')}3\r\nabc\r\n`), /^(?:HTTP\/1\.1 (?:408|503) |$)/)
  })

  test('[check 43] a forwarded body has no total time limit; any other body has one', async (context) => {
    const timers = context.mock.method(globalThis, 'setTimeout')
    const ofWhole = () => timers.mock.calls.filter(({ arguments: [, ms] }) => ms === requestMsMax)
    const pieces = new EventEmitter()
    upstream.answer = (request, response) => {
      request.on('end', () => response.end('whole')).on('data', () => pieces.emit('piece'))
    }
    const socket = connect(port, '127.0.0.1')
    socket.write(chunkedHead('/merchant-api/orders'))
    for (let piece = 0; piece < 6; piece++) {
      const arrived = once(pieces, 'piece')
      socket.write('1\r\na\r\n')
      await arrived
    }
    socket.write('0\r\n\r\n')
    assert.match(await text(socket), /^HTTP\/1\.1 200 (?:.|\r|\n)*whole$/)
    assert.equal(ofWhole().length, 0)

    const stalled = sendRaw(port, `${chunkedHead('/merchant-api/seller/auth/login')}3\r\nabc\r\n`)
    await until(
      () => ofWhole().length === 1,
      () => 'the timer of a login',
    )
    const [cut] = ofWhole()[0]?.arguments ?? assert.fail()
    cut()
    assert.match(await stalled, /^HTTP\/1\.1 408 /)
  })

  test('WebSockets are refused unless enabled', async () => {
    const opening = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ]
    const refused = await sendRaw(port, ['GET /merchant-api/orders HTTP/1.1', 'Host: localhost', good(), ...opening, '', ''].join('\r\n'))
    assert.match(refused, /^HTTP\/1\.1 400 /)
    assert.equal(codeIn(refused), '10005')
    assert.equal(upstream.received.length, 0)
  })

  test('stale memory forwards nothing', async (context) => {
    context.mock.method(gateway.store.changes, 'since', () => Promise.reject(new Error('gone')))
    gateway.clock.advance(1_001)
    const { status, answer } = await send('GET', '/merchant-api/orders/7', [good()])
    assert.deepEqual([status, codeIn(answer)], [503, '10004'])
    assert.equal(upstream.received.length, 0)
  })

  async function sendBody(options: RequestOptions, body: Buffer): Promise<IncomingMessage> {
    const headers = { ...options.headers, authorization: `Bearer ${accessToken}` }
    const sent = httpRequest({ port, path: '/merchant-api/orders/7', ...options, headers })
    sent.end(body)
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    return answer
  }
})

describe('WebSockets to upstreams', () => {
  let gateway: TestGateway
  let upstream: RecordingServer
  let wss: WebSocketServer
  let origin: string
  const opened: { socket: WebSocket; request: IncomingMessage }[] = []
  before(async () => {
    upstream = await RecordingServer.start()
    wss = new WebSocketServer({ server: upstream.server })
    wss.on('connection', (socket, request) => {
      opened.push({ socket, request })
      socket.on('message', (data) => socket.send(`echo ${data}`))
    })
    const upstreams = [{ prefix: '/merchant-api/live', url: `http://127.0.0.1:${upstream.port}` }]
    gateway = await startTestGateway({ settings: { upstreams, upstreamWebSockets: true, upstreamTimeoutSeconds: 1 } })
    origin = (await gateway.app.listen({ host: '127.0.0.1', port: 0 })).replace('http', 'ws')
  })
  after(async () => {
    await gateway.close()
    wss.close()
    await upstream.close()
  })

  test('one opens with a valid bearer, carries its identity, and is cut soon after its session ends', async () => {
    const { accessToken } = await loginTokens(gateway)
    const { sub } = decodeToken(accessToken).claims
    const headers = { ...bearer(accessToken).headers, 'x-seller-id': 'forged', x_seller_id: 'forged' }
    const socket = new WebSocket(`${origin}/merchant-api/live/7?a=1`, { headers })
    await once(socket, 'open')
    socket.send('hello')
    const [message] = (await once(socket, 'message')) as [Buffer]
    assert.equal(message.toString(), 'echo hello')
    const { request } = opened[0] ?? assert.fail('nothing reached the upstream')
    assert.deepEqual([request.url, request.headers['x-seller-id'], request.headers.x_seller_id], ['/7?a=1', sub, undefined])

    const closed = once(socket, 'close')
    await logout(gateway, accessToken)
    await closed
  })

  test('all are cut while the store cannot be read', async (context) => {
    const { accessToken } = await loginTokens(gateway)
    const socket = new WebSocket(`${origin}/merchant-api/live`, bearer(accessToken))
    await once(socket, 'open')
    const closed = once(socket, 'close')
    context.mock.method(gateway.store.changes, 'since', () => Promise.reject(new Error('gone')))
    gateway.clock.advance(1_001)
    await closed
  })

  test('all are cut together while the store hangs, however many they are', async (context) => {
    const { accessToken } = await loginTokens(gateway)
    const sockets = Array.from({ length: 30 }, () => new WebSocket(`${origin}/merchant-api/live`, bearer(accessToken)))
    await Promise.all(sockets.map((socket) => once(socket, 'open')))
    const closed = sockets.map((socket) => once(socket, 'close').then(() => performance.now()))
    const hanging = Promise.withResolvers<never>()
    context.mock.method(gateway.store.changes, 'since', () => hanging.promise)
    gateway.clock.advance(1_001)
    const times = await Promise.all(closed)
    hanging.reject(new Error('gone'))
    const spreadMs = Math.max(...times) - Math.min(...times)
    assert.ok(spreadMs < 2_000, `${spreadMs} ms between the first and the last`)
  })

  test('none opens without a bearer, and a plain request stays a plain request', async () => {
    const before = opened.length
    for (const headers of [{}, bearer('garbage').headers]) {
      const socket = new WebSocket(`${origin}/merchant-api/live`, { headers })
      const [error] = (await once(socket, 'error')) as unknown as [Error]
      assert.match(error.message, /401/)
    }
    assert.equal(opened.length, before)
    const { accessToken } = await loginTokens(gateway)
    const answer = await fetch(`${origin.replace('ws', 'http')}/merchant-api/live/8`, bearer(accessToken))
    assert.equal(await answer.text(), 'upstream has GET /8')
    assert.equal((await fetch(`${origin.replace('ws', 'http')}/livez`)).status, 200)
  })
})
