import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Writable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import pino from 'pino'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { RecordingServer } from '../support/recording-server.ts'
import { loginTokens, wrongPassword } from '../support/seller-calls.ts'
import { addService, basic, type Credentials } from '../support/service-calls.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

for (const storeKind of testStores()) {
  describe(`callers that disconnect on ${storeKind.name}`, () => {
    let gateway: TestGateway
    let upstream: RecordingServer
    let service: Credentials
    let accessToken: string
    let port: number
    const lines: { level: number; msg: string; status?: number }[] = []
    before(async () => {
      const out = new Writable({
        write: (chunk, _encoding, done) => {
          lines.push(JSON.parse(String(chunk)))
          done()
        },
      })
      upstream = await RecordingServer.start()
      const upstreams = [{ prefix: '/merchant-api/orders', url: `http://127.0.0.1:${upstream.port}` }]
      gateway = await startTestGateway({ storeKind, settings: { upstreams }, logger: pino({ level: 'debug' }, out) })
      service = await addService(gateway)
      ;({ accessToken } = await loginTokens(gateway))
      port = Number(new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port)
    })
    after(async () => {
      await gateway.close()
      await upstream.close()
    })

    const json = 'Content-Type: application/json'
    const form = 'Content-Type: application/x-www-form-urlencoded'
    const bearer = () => `Authorization: Bearer ${accessToken}`
    const asService = () => `Authorization: ${basic(service).authorization}`
    const withBody = (): [string, string[]][] => [
      ['/api/member/login', [json]],
      ['/api/member/logout', [json]],
      ['/merchant-api/seller/auth/login', [json]],
      ['/api/merchant-api/seller/auth/logout', [json, bearer()]],
      ['/oauth/introspect', [form, asService()]],
      ['/session/check', [form, asService()]],
      ['/api/sandbox/explain', [json]],
      ['/lobby/ack', [form]],
      ['/verify', [json, bearer()]],
      ['/merchant-api/orders/1', [json, bearer()]],
    ]

    /** Opens a connection, sends the text and disconnects: cleanly, or with a reset. */
    const hangUp = async (request: string, how: 'end' | 'reset', isHeard?: RegExp) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      await once(socket, 'connect')
      let heard = ''
      socket.setEncoding('utf8').on('data', (text: string) => {
        heard += text
      })
      socket.write(request)
      if (isHeard !== undefined)
        await until(
          () => isHeard.test(heard),
          () => heard,
        )
      // An answer on another connection shows that everything sent before has been read.
      await fetch(`http://127.0.0.1:${port}/livez`)
      if (how === 'end') socket.destroy()
      else socket.resetAndDestroy()
      await until(
        async () => (await connections()) === 0,
        () => request,
      )
    }
    const connections = () =>
      new Promise<number>((resolve, reject) => {
        // fetch keeps its connection open.
        gateway.app.server.getConnections((error, count) => (error ? reject(error) : resolve(Math.max(0, count - 1))))
      })

    test('is not our fault: within a body no surface logs an error, and no record says internal', async () => {
      lines.length = 0
      for (const [path, headers] of withBody()) {
        for (const how of ['end', 'reset'] as const) {
          const head = [`POST ${path} HTTP/1.1`, 'Host: localhost', 'Content-Length: 1000', ...headers]
          await hangUp([...head, '', '{"agent_id":'].join('\r\n'), how)
        }
      }
      await gateway.flushRefusals()
      await gateway.flushTraces()
      assert.deepEqual(
        lines.filter(({ level }) => level >= 40),
        [],
      )
      const traces = await gateway.store.traces.list({ onlyFailed: true, limit: 100 })
      assert.ok(traces.length >= 8, 'they are there')
      const records = JSON.stringify([await gateway.store.refusals.list({ limit: 1_000 }), traces])
      assert.ok(!/internal|upstream_unavailable/.test(records), records)
    })

    test('within an answer or a stream is not our fault either', async () => {
      lines.length = 0
      upstream.answer = (_request, response) => response.writeHead(200).write('beginning')
      const get = (path: string, header: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`
      for (const how of ['end', 'reset'] as const) {
        await hangUp(get('/session/feed', asService()), how, /heartbeat/)
        await hangUp(get('/lobby/events', 'Accept: text/event-stream'), how, /retry/)
        await hangUp(get('/merchant-api/orders/1', bearer()), how, /beginning/)
      }
      upstream.answer = null
      assert.deepEqual(
        lines.filter(({ level }) => level >= 40),
        [],
      )
    })

    test('a wrong password that counts against an account is recorded, though nobody waits for the answer', async (context) => {
      const { throttles, refusals } = gateway.store
      const counted = Promise.withResolvers<void>()
      const gone = Promise.withResolvers<void>()
      const fail = throttles.fail.bind(throttles)
      context.mock.method(throttles, 'fail', async (...args: Parameters<typeof fail>) => {
        counted.resolve()
        await gone.promise
        return fail(...args)
      })
      const body = JSON.stringify({ email: sampleSeller.email, password: wrongPassword })
      const head = ['POST /merchant-api/seller/auth/login HTTP/1.1', 'Host: localhost', json, `Content-Length: ${body.length}`]
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      socket.write([...head, '', body].join('\r\n'))
      await counted.promise
      const before = await connections()
      socket.resetAndDestroy()
      await until(
        async () => (await connections()) < before,
        () => 'the server has not noticed',
      )
      gone.resolve()
      const recorded = async () => {
        await gateway.flushRefusals()
        return refusals.list({ kind: 'seller.login_refused', limit: 10 })
      }
      await until(
        async () => (await recorded()).some(({ details }) => details?.reason === 'wrong-password'),
        () => 'no refusal was recorded',
      )
    })
  })
}
