/** The snippets of docs/verification.md under real proxies, in front of a service that records what reaches it. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { missingProgram, withSbin } from '../../support/missing-program.ts'
import { identitySpellings, sendLines } from '../../support/raw-request.ts'
import { RecordingServer } from '../../support/recording-server.ts'
import { decodeToken, loginTokens, logout } from '../../support/seller-calls.ts'
import { freePort } from '../../support/server-process.ts'
import { until } from '../../support/until.ts'

interface Proxy {
  readonly command: string
  readonly start: (snippet: string, folder: string) => ChildProcess
}

/** Debian installs nginx where only root's PATH looks. */

const proxies: Readonly<Record<string, Proxy>> = {
  nginx: {
    command: 'nginx',
    start: (snippet, folder) => {
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')
      const wrapped = `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log; events {} http { access_log off; ${paths}\n${snippet}\n}`
      writeFileSync(join(folder, 'nginx.conf'), wrapped)
      return spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
        stdio: 'ignore',
        env: withSbin,
      })
    },
  },
  caddy: {
    command: 'caddy',
    start: (snippet, folder) => {
      writeFileSync(join(folder, 'Caddyfile'), `{\n\tadmin off\n}\n${snippet}`)
      return spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')], {
        stdio: 'ignore',
        env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      })
    },
  },
}

for (const [name, proxy] of Object.entries(proxies)) {
  const skip = missingProgram(proxy.command)
  describe(`forward-auth behind ${name}`, { skip }, () => {
    let gateway: TestGateway
    let upstream: RecordingServer
    let child: ChildProcess
    let port: number
    let accessToken: string
    const folder = mkdtempSync(join(tmpdir(), 'lobbykey-proxy-'))

    before(async () => {
      gateway = await startTestGateway()
      ;({ accessToken } = await loginTokens(gateway))
      upstream = await RecordingServer.start()
      const gatewayPort = new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port
      port = await freePort()
      const snippet = readSnippet(name)
        .replaceAll(':8443', `:${port}`)
        .replaceAll('127.0.0.1:8080', `127.0.0.1:${gatewayPort}`)
        .replaceAll('127.0.0.1:9000', `127.0.0.1:${upstream.port}`)
      child = proxy.start(snippet, folder)
      await untilOpen(port, child)
    })
    after(async () => {
      if (child.exitCode === null) {
        const exited = once(child, 'exit')
        child.kill()
        await exited
      }
      await upstream.close()
      await gateway.close()
      rmSync(folder, { recursive: true, force: true })
    })

    const send = (method: string, path: string, lines: readonly string[]) => {
      upstream.received = []
      return sendLines(port, method, path, lines)
    }
    const good = () => `Authorization: Bearer ${accessToken}`

    test('a valid bearer reaches the service with its identity; a missing, invalid or revoked one does not', async () => {
      const { sub, sid, exp } = decodeToken(accessToken).claims
      const passed = await send('GET', '/orders/7?a=1', [good()])
      assert.equal(passed.status, 200, passed.answer)
      assert.match(passed.answer, /upstream has GET \/orders\/7\?a=1/)
      const { headers } = upstream.received[0] ?? assert.fail('nothing reached the service')
      assert.deepEqual([headers['x-seller-id'], headers['x-session-id'], headers['x-token-expires-at']], [sub, sid, String(exp)])

      const ended = (await loginTokens(gateway)).accessToken
      assert.equal((await send('GET', '/', [`Authorization: Bearer ${ended}`])).status, 200)
      await logout(gateway, ended)
      for (const refused of [[], ['Authorization: Bearer x'], [`Authorization: Bearer ${ended}`], ['Authorization: Basic eDp5']]) {
        const { status, answer } = await send('GET', '/orders/7', refused)
        assert.equal(status, 401)
        assert.match(answer, /www-authenticate: Bearer error="invalid_token"/i)
        assert.equal(upstream.received.length, 0)
      }
    })

    test('[check 58] identity headers from the caller never reach the service, in any spelling', async () => {
      const { sub, sid, exp } = decodeToken(accessToken).claims
      const forged = identitySpellings().map((spelling) => `${spelling}: forged`)
      assert.ok(forged.length >= 20)
      // One by one, all at once, twice each, and named by Connection so that a proxy might drop its own.
      const attempts = [
        ...forged.map((line) => [line]),
        forged,
        forged.flatMap((line) => [line, line]),
        ['Connection: close, X-Seller-Id, X-Session-Id', 'X-Seller-Id: forged'],
      ]
      for (const lines of attempts) {
        const { status } = await send('GET', '/', [...lines, good()])
        if (status === 400) continue
        assert.equal(status, 200, lines.join())
        const identity = upstream.headersByPlainName()
        assert.deepEqual(identity.get('x-seller-id'), [sub], lines.join())
        assert.deepEqual(identity.get('x-session-id'), [sid], lines.join())
        assert.deepEqual(identity.get('x-token-expires-at'), [String(exp)], lines.join())
      }
      for (const lines of attempts) {
        assert.ok([400, 401].includes((await send('GET', '/', lines)).status))
        assert.equal(upstream.received.length, 0)
      }
    })

    test('[check 58] path tricks and methods do not change the decision', async () => {
      const paths = [
        '/a',
        '//a',
        '/./a',
        '/a/../b',
        '/%2e%2e/a',
        '/..%2fverify',
        '/a;b',
        '/a\\b',
        '/%5ca',
        '/verify',
        '/livez',
        '/a?b=%zz',
        '*',
      ]
      for (const path of paths) {
        for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH']) {
          const refused = await send(method, path, ['Content-Length: 0'])
          // `OPTIONS *` addresses the proxy itself, which may answer it.
          assert.ok(path === '*' || [400, 401].includes(refused.status), `${method} ${path} ${refused.status}`)
          assert.equal(upstream.received.length, 0, `${method} ${path}`)
        }
        const passed = await send('GET', path, [good()])
        assert.ok([200, 400].includes(passed.status), `${path} ${passed.status}`)
      }
    })

    test('a body reaches the service, and the subrequest does not wait for it', async () => {
      const passed = await send('POST', '/orders', [good(), 'Content-Type: application/json', 'Content-Length: 7\r\n\r\n{"a":1}'])
      assert.equal(passed.status, 200)
    })

    test('[check 24] a token in the URL is refused and never reaches the service', async () => {
      const { status, answer } = await send('GET', `/orders?access_token=${accessToken}`, [good()])
      assert.equal(status, 401)
      assert.match(answer, /www-authenticate: Bearer error="invalid_request"/i)
      assert.equal(upstream.received.length, 0)
    })

    test('[check 58] Lobbykey failing, then gone: 503, never a yes', async (context) => {
      context.mock.method(gateway.store.changes, 'since', () => Promise.reject(new Error('gone')))
      gateway.clock.advance(1_001)
      const unsure = await send('GET', '/', [good()])
      assert.equal(unsure.status, 503)
      assert.match(unsure.answer, /retry-after: 1/i)
      await gateway.app.close()
      for (const lines of [[good()], []]) {
        const away = await send('GET', '/', lines)
        assert.equal(away.status, 503)
        assert.equal(upstream.received.length, 0)
      }
    })
  })
}

function readSnippet(name: string): string {
  const text = readFileSync(new URL('../../../../../docs/verification.md', import.meta.url), 'utf8')
  const found = new RegExp(`<!-- test: ${name} -->\\s+\`\`\`\\w+\\n(.*?)\`\`\``, 's').exec(text)?.[1]
  return found ?? assert.fail(`docs/verification.md has no snippet for ${name}`)
}

function untilOpen(port: number, child: ChildProcess): Promise<void> {
  const isOpen = () => {
    if (child.exitCode !== null) throw new Error(`the proxy ended with ${child.exitCode}`)
    return new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
  }
  return until(isOpen, () => 'the proxy to listen')
}
