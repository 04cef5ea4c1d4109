/** Sends the corpus of ambiguous requests through real proxies that reuse their connections to the gateway. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import pino from 'pino'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { missingProgram, withSbin } from '../support/missing-program.ts'
import { sendRaw } from '../support/raw-request.ts'
import { freePort } from '../support/server-process.ts'
import { caseMarks, smugglingCases } from '../support/smuggling-corpus.ts'
import { until } from '../support/until.ts'

/** The path to which a proxy rewrites a request for `/smuggled` that it sees: one that arrives under its own name was smuggled past it. */
const seen = '/seen-by-the-proxy'

/** @returns the configuration, and how to start the proxy with it */
type Proxy = (folder: string, port: number, upstream: string) => { file: string; text: string; command: string; words: string[] }

const proxies: Readonly<Record<string, Proxy>> = {
  nginx: (folder, port, upstream) => {
    const file = join(folder, 'nginx.conf')
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')
    const pass = 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;'
    const text = `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log; events {} http { access_log off; ${paths}
      keepalive_timeout 1s; client_header_timeout 1s; client_body_timeout 1s; proxy_request_buffering off;
      upstream lobbykey { server ${upstream}; keepalive 4; }
      server { listen 127.0.0.1:${port};
        location = ${caseMarks.hidden} { proxy_pass http://lobbykey${seen}; ${pass} }
        location / { proxy_pass http://lobbykey; ${pass} } } }`
    return { file, text, command: 'nginx', words: ['-p', folder, '-c', file, '-e', join(folder, 'error.log')] }
  },
  haproxy: (folder, port, upstream) => {
    const file = join(folder, 'haproxy.cfg')
    const text = `defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 2s
  timeout http-keep-alive 1s
  http-reuse always
frontend door
  bind 127.0.0.1:${port}
  http-request set-path ${seen} if { path ${caseMarks.hidden} }
  default_backend lobbykey
backend lobbykey
  server one ${upstream}
`
    return { file, text, command: 'haproxy', words: ['-db', '-f', file] }
  },
  caddy: (folder, port, upstream) => {
    const file = join(folder, 'Caddyfile')
    const text = `{
	admin off
	auto_https off
	servers {
		timeouts {
			read_header 1s
			read_body 1s
			idle 1s
		}
	}
}
http://:${port} {
	bind 127.0.0.1
	rewrite ${caseMarks.hidden} ${seen}
	reverse_proxy ${upstream}
}
`
    return { file, text, command: 'caddy', words: ['run', '--adapter', 'caddyfile', '--config', file] }
  },
}

for (const [name, proxy] of Object.entries(proxies)) {
  describe(`ambiguous requests through ${name}`, { skip: missingProgram(name) }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'lobbykey-smuggling-'))
    const lines: { path?: string }[] = []
    let gateway: TestGateway
    let child: ChildProcess
    let port: number
    before(async () => {
      const out = new Writable({
        write: (chunk, _encoding, done) => {
          lines.push(JSON.parse(String(chunk)))
          done()
        },
      })
      gateway = await startTestGateway({ logger: pino({ level: 'info' }, out) })
      const upstream = new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).host
      port = await freePort()
      const { file, text, command, words } = proxy(folder, port, upstream)
      writeFileSync(file, text)
      const env = { ...withSbin, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
      child = spawn(command, words, { stdio: 'ignore', env })
      await until(
        () => isOpen(port),
        () => `${name} to listen`,
      )
    })
    after(async () => {
      if (child.exitCode === null) {
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      }
      await gateway.close()
      rmSync(folder, { recursive: true, force: true })
    })

    const honest = () => sendRaw(port, 'GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    const hasPath = (path: string) => lines.some((line) => line.path === path)

    test('the test recognises what the proxy saw', async () => {
      await sendRaw(port, `GET ${caseMarks.hidden} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
      assert.deepEqual([hasPath(seen), hasPath(caseMarks.hidden)], [true, false])
    })

    test('[check 52] no case of the corpus hides a request from the proxy, and the connections behind it stay in step', async () => {
      lines.length = 0
      const broken: string[] = []
      await Promise.all(
        smugglingCases('localhost').map(async ({ name: what, bytes }) => {
          await sendRaw(port, bytes).catch(() => '')
          const answer = await honest()
          if (!/^HTTP\/1\.1 200 [\s\S]*\r\n\r\n\{"status":"ok"\}$/.test(answer.replaceAll(/^\w+\r\n(\{.*\})\r\n0\r\n\r\n$/gm, '$1')))
            broken.push(`${what}: ${answer}`)
        }),
      )
      assert.deepEqual(broken, [])
      assert.deepEqual(
        lines.filter(({ path }) => path === caseMarks.hidden),
        [],
      )
    })
  })
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
  })
}
