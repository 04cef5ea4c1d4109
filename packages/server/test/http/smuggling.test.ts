import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import pino from 'pino'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { sendRaw } from '../support/raw-request.ts'
import { caseMarks, smugglingCases } from '../support/smuggling-corpus.ts'

describe('ambiguous requests', () => {
  let gateway: TestGateway
  let port: number
  const lines: { msg: string; path?: string; requestId?: string }[] = []
  before(async () => {
    const out = new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(JSON.parse(String(chunk)))
        done()
      },
    })
    gateway = await startTestGateway({ logger: pino({ level: 'info' }, out) })
    port = Number(new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port)
  })
  after(() => gateway.close())

  const answersIn = (text: string) => text.match(/HTTP\/1\.1 \d{3}/g) ?? []
  const hasWhatAllHave = (text: string) => {
    assert.match(text, /^x-request-id: \S+\r$/im)
    assert.match(text, /^content-security-policy: default-src 'none'/im)
    assert.match(text, /^x-content-type-options: nosniff\r$/im)
    assert.match(text, /^connection: close\r$/im)
  }

  for (const { name, outcome, bytes } of smugglingCases('localhost')) {
    test(`[check 51] ${name}: ${outcome === 'one' ? 'one request, one answer' : 'refused, and closed'}`, async () => {
      lines.length = 0
      const text = await sendRaw(port, bytes)
      assert.equal(answersIn(text).length, 1, text)
      if (outcome === 'refused') assert.match(text, /^HTTP\/1\.1 400 /, text)
      else assert.match(text, /^HTTP\/1\.1 (?:400|405|401) /, text)
      hasWhatAllHave(text)
      assert.ok(!lines.some(({ path }) => path === caseMarks.hidden), JSON.stringify(lines))
      // What reached a surface is in its records.
      if (!/content-type: text\/plain/.test(text)) return
      const [, requestId] = /^x-request-id: (\S+)\r$/im.exec(text) ?? []
      assert.ok(
        lines.some((line) => line.requestId === requestId),
        'the log knows it by its ID',
      )
    })
  }

  test('[check 53] a foreign host is answered 421 in the envelope of its surface, and closed', async () => {
    const evil = (method: string, path: string) =>
      sendRaw(port, `${method} ${path} HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n{}`)
    for (const path of ['/api/member/login', '/merchant-api/seller/auth/login', '/api/merchant-api/seller/auth/login']) {
      const text = await evil('POST', path)
      assert.match(text, /^HTTP\/1\.1 421 /)
      assert.match(text, /"code":(?:408000|"10005")/)
      hasWhatAllHave(text)
    }
    for (const path of ['/oauth/introspect', '/session/check', '/.well-known/jwks.json']) {
      const text = await evil(path.startsWith('/.') ? 'GET' : 'POST', path)
      assert.match(text, /^HTTP\/1\.1 421 /)
      assert.match(text, /"error":"invalid_request","error_description":"Host evil\.example is not served here"/)
    }
    for (const path of ['/', '/reset', '/lobby', '/docs', '/nothing']) assert.match(await evil('GET', path), /^HTTP\/1\.1 421 /)
  })

  test('[check 53] health checks and forward-auth may use any host name', async () => {
    const asked = (first: string, host = 'Host: 10.1.2.3:8080\r\n') => sendRaw(port, `${first}\r\n${host}Connection: close\r\n\r\n`)
    for (const path of ['/livez', '/readyz']) {
      assert.match(await asked(`GET ${path} HTTP/1.1`), /^HTTP\/1\.1 200 /)
      // HAProxy's default check.
      assert.match(await asked(`GET ${path} HTTP/1.0`, ''), /^HTTP\/1\.1 200 /)
      const head = await asked(`HEAD ${path} HTTP/1.1`)
      assert.match(head, /^HTTP\/1\.1 200 /)
      assert.match(head, /content-length: 15\r\n[\s\S]*\r\n\r\n$/i)
    }
    assert.match(await asked('GET /verify HTTP/1.1'), /^HTTP\/1\.1 401 /)
    assert.match(await asked('GET /verify/some/path HTTP/1.1'), /^HTTP\/1\.1 401 /)
  })

  test("[check 53] this server's names, in any case and with any port", async () => {
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:65535', '[::1]:8080', '127.1.2.3']) {
      const text = await sendRaw(port, `GET /reset HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      assert.match(text, /^HTTP\/1\.1 200 /, host)
    }
    for (const host of ['localhost.', '127.0.0.1.evil.example', 'localhost.evil.example', '0x7f.1', '[::2]']) {
      const text = await sendRaw(port, `GET /reset HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      assert.match(text, /^HTTP\/1\.1 421 /, host)
    }
  })

  test('oversized headers get a regular answer', async () => {
    const text = await sendRaw(port, `GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: ${'a'.repeat(17_000)}\r\n\r\n`)
    assert.match(text, /^HTTP\/1\.1 431 /)
    hasWhatAllHave(text)
  })

  test('malformed input is answered after the requests before it', async () => {
    const text = await sendRaw(port, 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nnonsense\r\n\r\n')
    assert.deepEqual(answersIn(text), ['HTTP/1.1 200', 'HTTP/1.1 400'])
  })
})
