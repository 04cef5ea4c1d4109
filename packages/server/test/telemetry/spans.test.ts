import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { memberLogin } from '@lobbykey/contract'
import { WebSocket, WebSocketServer } from 'ws'
import { openLogger } from '../../src/cli/run-gateway.ts'
import { useSpans } from '../../src/core/base/spans.ts'
import { CallLog } from '../../src/core/records/call-log.ts'
import { openSpans } from '../../src/telemetry/open-spans.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { Installation, send } from '../support/installation.ts'
import { RecordingServer } from '../support/recording-server.ts'
import { login, loginTokens, me, wrongPassword } from '../support/seller-calls.ts'
import { logLines, untilLogged } from '../support/server-log.ts'
import { signed } from '../support/signed-body.ts'
import { sampleBody, sendBody, sendCall } from '../support/signed-calls.ts'
import { type CollectedSpan, SpanCollector } from '../support/span-collector.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const callerSpan = '00f067aa0ba902b7'
const traceparent = `00-${traceId}-${callerSpan}-01`
const never = { otelSampler: 'traceidratio', otelSamplerRatio: 0 } as const

let collector: SpanCollector
before(async () => {
  collector = await SpanCollector.start()
})
after(() => collector.close())
beforeEach(() => collector.clear())
afterEach(() => {
  collector.answer = null
})

/** Runs a gateway that exports to the collector. */
async function withGateway(options: TestGatewayOptions, work: (gateway: TestGateway) => Promise<void>): Promise<void> {
  const gateway = await startTestGateway({ ...options, settings: { otlpEndpoint: collector.endpoint, ...options.settings } })
  try {
    await work(gateway)
  } finally {
    await gateway.close()
  }
}

/** The spans of HTTP requests, once there are so many. */
async function rootsOf(gateway: TestGateway, count: number): Promise<readonly CollectedSpan[]> {
  await until(
    async () => {
      await gateway.flushSpans()
      return collector.roots.length >= count
    },
    () => `${count} spans of requests; there are ${collector.roots.map(({ name }) => name)}`,
  )
  assert.equal(collector.roots.length, count)
  return collector.roots
}

const goodLogin = (gateway: TestGateway) => sendCall(gateway, memberLogin, sampleBody(memberLogin, gateway.clock.now()))
const unsigned = (gateway: TestGateway) =>
  sendBody(gateway, memberLogin, { ...sampleBody(memberLogin, gateway.clock.now()), sign: '0'.repeat(32) })
const namesBelow = (span: CollectedSpan) => collector.childrenOf(span).map(({ name }) => name)

for (const storeKind of testStores()) {
  test(`${storeKind.name}: spans of both logins show where their time goes`, async () => {
    await withGateway({ storeKind, settings: { otelServiceName: 'gate', otelResourceAttributes: ['team=a b'] } }, async (gateway) => {
      await goodLogin(gateway)
      const [member] = await rootsOf(gateway, 1)
      assert.ok(member)
      assert.deepEqual(
        [member.name, member.parentSpanId, member.statusCode, member.attributes['lobbykey.code'], member.attributes['lobbykey.agent_id']],
        ['POST /api/member/login', undefined, 0, '200', 'agent001'],
      )
      assert.equal(member.resource['service.name'], 'gate')
      assert.equal(member.resource.team, 'a b')
      assert.deepEqual(namesBelow(member), ['group commit wait', 'group commit'])
      const [, commit] = collector.childrenOf(member)
      const [statement] = collector.childrenOf(commit as CollectedSpan)
      assert.deepEqual(
        [statement?.name, statement?.kind, statement?.attributes['db.system.name']],
        ['store login', 3, storeKind.name === 'sqlite' ? 'sqlite' : 'postgresql'],
      )
      for (const span of collector.spans) {
        assert.equal(span.traceId, member.traceId)
        assert.ok(span.startNs >= member.startNs && span.endNs <= member.endNs, `${span.name} is within the call`)
      }
      collector.clear()
      await loginTokens(gateway)
      const [seller] = await rootsOf(gateway, 1)
      assert.ok(seller)
      const names = namesBelow(seller)
      for (const name of ['password lane wait', 'password hash']) assert.ok(names.includes(name), `${name} in ${names}`)
      assert.equal(names.filter((name) => name.startsWith('store ')).length, 3)
    })
  })
}

test('every call of a batch has its own wait and batch, also when its body came long after its head', async () => {
  await withGateway({}, async (gateway) => {
    const port = Number(new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port)
    let begun = 0
    const allBegun = Promise.withResolvers<void>()
    gateway.app.server.on('request', () => {
      if (++begun === 6) allBegun.resolve()
    })
    const calls = Array.from({ length: 6 }, () => {
      const body = JSON.stringify(signed(sampleBody(memberLogin, gateway.clock.now())))
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const call = httpRequest({ port, method: 'POST', path: '/api/member/login', headers })
      call.flushHeaders()
      return { call, body, answered: once(call, 'response') }
    })
    await allBegun.promise
    await nextTurn()
    for (const { call, body } of calls) call.end(body)
    for (const { answered } of calls) {
      const [answer] = (await answered) as [IncomingMessage]
      assert.match(await textOf(answer), /"code":200/)
    }
    for (const root of await rootsOf(gateway, 6)) assert.deepEqual(namesBelow(root), ['group commit wait', 'group commit'])
  })
})

describe('a trace goes through', () => {
  let upstream: RecordingServer
  before(async () => {
    upstream = await RecordingServer.start()
  })
  after(() => upstream.close())
  beforeEach(() => {
    upstream.received = []
    upstream.answer = null
  })
  const settings = (more: object = {}) => ({
    upstreams: [{ prefix: '/merchant-api/orders', url: `http://127.0.0.1:${upstream.port}` }],
    ...more,
  })
  const order = async (gateway: TestGateway, headers: Record<string, string>) => {
    const { accessToken } = await loginTokens(gateway)
    await rootsOf(gateway, 1)
    collector.clear()
    return gateway.request('GET', '/merchant-api/orders/1?token=x', { headers: { authorization: `Bearer ${accessToken}`, ...headers } })
  }

  test('proxy, gateway and upstream', async () => {
    await withGateway({ settings: settings() }, async (gateway) => {
      const sent = { traceparent, tracestate: 'congo=t61rcWkgMzE,rojo=00f067', baggage: 'region=eu;p=1, shop=7' }
      assert.equal((await order(gateway, sent)).status, 200)
      const [root] = await rootsOf(gateway, 1)
      assert.ok(root)
      assert.deepEqual([root.traceId, root.parentSpanId, root.traceState], [traceId, callerSpan, sent.tracestate])
      assert.equal(root.name, 'GET /merchant-api/orders/*')
      const client = collector.childrenOf(root).find(({ kind, name }) => kind === 3 && name === 'GET')
      assert.ok(client)
      assert.deepEqual(
        [client.attributes['server.address'], client.attributes['server.port'], client.attributes['http.response.status_code']],
        ['127.0.0.1', upstream.port, 200],
      )
      const got = upstream.received[0]?.headers
      assert.equal(got?.traceparent, `00-${traceId}-${client.spanId}-01`)
      assert.deepEqual([got?.tracestate, got?.baggage], [sent.tracestate, sent.baggage])
    })
  })

  const invalid = {
    traceparent: [
      '',
      'x',
      `00-${traceId}-${callerSpan}`,
      `00-${traceId}-${callerSpan}-01-more`,
      `ff-${traceId}-${callerSpan}-01`,
      `00-${'0'.repeat(32)}-${callerSpan}-01`,
      `00-${traceId}-${'0'.repeat(16)}-01`,
      `00-${traceId.toUpperCase()}-${callerSpan}-01`,
      `${traceparent}, ${traceparent}`,
      `01-${traceId}-${callerSpan}-01-${'x'.repeat(200)}`,
    ],
    tracestate: ['x', 'A=1', 'a=1=2', `a=${'x'.repeat(512)}`, Array.from({ length: 33 }, (_, i) => `k${i}=1`).join(','), 'a=1,,b=2'],
    baggage: ['x', 'a b=1', 'a="1"', `a=${'x'.repeat(8_192)}`, Array.from({ length: 65 }, (_, i) => `k${i}=1`).join(',')],
  }

  test('what is not valid, or too long, does not', async () => {
    await withGateway({ settings: settings() }, async (gateway) => {
      const { accessToken } = await loginTokens(gateway)
      const headers = { authorization: `Bearer ${accessToken}`, traceparent }
      for (const [name, values] of Object.entries(invalid)) {
        for (const value of values) {
          upstream.received = []
          await gateway.request('GET', '/merchant-api/orders/1', { headers: { ...headers, tracestate: 'a=1', [name]: value } })
          const got = upstream.received[0]?.headers
          if (name !== 'traceparent') assert.equal(got?.[name], undefined, `${name}: ${value}`)
          else assert.deepEqual([got?.tracestate, got?.traceparent?.includes(traceId)], [undefined, false], value)
        }
      }
    })
  })

  test('also without spans: valid headers go on as they came, others do not', async () => {
    await withGateway({ settings: settings({ otlpEndpoint: null }) }, async (gateway) => {
      const { accessToken } = await loginTokens(gateway)
      const sent = { traceparent, tracestate: 'a@b=1', baggage: 'a=1' }
      const headers = { authorization: `Bearer ${accessToken}`, ...sent }
      await gateway.request('GET', '/merchant-api/orders/1', { headers })
      const { traceparent: parent, tracestate, baggage } = upstream.received[0]?.headers ?? {}
      assert.deepEqual({ traceparent: parent, tracestate, baggage }, sent)
      upstream.received = []
      await gateway.request('GET', '/merchant-api/orders/1', { headers: { ...headers, traceparent: 'x', baggage: 'x' } })
      for (const name of Object.keys(sent)) assert.equal(upstream.received[0]?.headers[name], undefined, name)
    })
  })

  test('the caller decides with a parentbased sampler, and not with another', async () => {
    for (const [otelSampler, flags, isExported] of [
      ['parentbased_always_off', '01', true],
      ['parentbased_always_on', '00', false],
      ['always_off', '01', false],
      ['traceidratio', '00', true],
    ] as const) {
      collector.clear()
      await withGateway({ settings: { otelSampler } }, async (gateway) => {
        await gateway.request('GET', '/livez', { headers: { traceparent: `00-${traceId}-${callerSpan}-${flags}` } })
        // Refused, and so exported in any case, after the other.
        await me(gateway, 'x')
        await rootsOf(gateway, isExported ? 2 : 1)
      })
    }
  })

  test('an upstream that answers slowly or not at all is always exported', async (t) => {
    let ahead = 0
    const real = performance.now.bind(performance)
    t.mock.method(performance, 'now', () => real() + ahead)
    await withGateway({ settings: settings(never) }, async (gateway) => {
      const { accessToken } = await loginTokens(gateway)
      const headers = { authorization: `Bearer ${accessToken}` }
      await gateway.request('GET', '/merchant-api/orders/fast', { headers })
      upstream.answer = (_request, response) => {
        ahead += 1_500
        response.end()
      }
      await gateway.request('GET', '/merchant-api/orders/slow', { headers })
      const [slow] = await rootsOf(gateway, 1)
      assert.ok(slow && slow.endNs - slow.startNs > 1_000_000_000n)
      // Not sampled, and upstreams are told so.
      assert.match(String(upstream.received[1]?.headers.traceparent), new RegExp(`^00-${slow.traceId}-[0-9a-f]{16}-00$`))
      collector.clear()
      upstream.answer = (request) => request.socket.destroy()
      await gateway.request('GET', '/merchant-api/orders/broken', { headers })
      const [broken] = await rootsOf(gateway, 1)
      assert.ok(broken)
      assert.equal(broken.statusCode, 2)
      const client = collector.childrenOf(broken).find(({ kind }) => kind === 3)
      assert.deepEqual([client?.statusCode, client?.attributes['error.type']], [2, 'UND_ERR_SOCKET'])
    })
  })

  test('a WebSocket has a span, which ends with it', async () => {
    const sockets = new WebSocketServer({ server: upstream.server })
    const seen = Promise.withResolvers<unknown>()
    sockets.on('connection', (_socket, request) => seen.resolve(request.headers.traceparent))
    try {
      await withGateway({ settings: settings({ upstreamWebSockets: true }) }, async (gateway) => {
        const { accessToken } = await loginTokens(gateway)
        await rootsOf(gateway, 1)
        collector.clear()
        const port = Number(new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port)
        const headers = { authorization: `Bearer ${accessToken}`, traceparent }
        const socket = new WebSocket(`ws://127.0.0.1:${port}/merchant-api/orders/live`, { headers })
        const parent = await seen.promise
        socket.close()
        const [root] = await rootsOf(gateway, 1)
        assert.equal(parent, `00-${traceId}-${root?.spanId}-01`)
      })
    } finally {
      sockets.close()
    }
  })
})

test('at ratio 0 refused calls are exported whole, with code and key, and no others', async () => {
  await withGateway({ settings: { ...never, adminPort: 1 } }, async (gateway) => {
    await goodLogin(gateway)
    await loginTokens(gateway)
    await unsigned(gateway)
    await login(gateway, { password: wrongPassword })
    await gateway.request('GET', '/api/nothing')
    await gateway.request('GET', '/nothing')
    await gateway.admin.inject({ method: 'GET', url: '/admin/api/v1/merchants', headers: { host: 'localhost' } })
    const roots = await rootsOf(gateway, 5)
    assert.deepEqual(
      roots.map(({ name, attributes }) => [name, attributes['lobbykey.code'], attributes['lobbykey.key'], attributes['lobbykey.outcome']]),
      [
        ['POST /api/member/login', '600100', 'bad_signature', 'refused'],
        ['POST /merchant-api/seller/auth/login', '10006', 'bad_credentials', 'refused'],
        ['GET', '408000', 'path_not_found', 'refused'],
        ['GET', undefined, undefined, undefined],
        ['GET /admin/api/v1/merchants', 'not_signed_in', 'not_signed_in', 'refused'],
      ],
    )
    assert.ok(namesBelow(roots[1] as CollectedSpan).includes('password hash'))
    assert.equal(new Set(collector.spans.map((span) => span.traceId)).size, 5)
  })
})

test('a call that takes a second is exported at ratio 0, one that takes less is not', async () => {
  const { spans, queue } = openSpans(
    {
      ...never,
      otlpEndpoint: collector.endpoint,
      otlpHeaders: [],
      otlpTimeoutMs: 10_000,
      otelServiceName: 'x',
      otelResourceAttributes: [],
    },
    assert.ifError,
  )
  await withGateway({ settings: { otlpEndpoint: null } }, async (gateway) => {
    useSpans(spans)
    try {
      const { clock } = gateway
      const ignore = { note: () => {}, accepted: () => {}, refused: () => {} }
      const log = new CallLog({ counts: ignore, refusals: ignore, traces: ignore, meter: ignore, conduct: ignore, lines: null } as never)
      for (const [requestId, ms] of [
        ['quick', 900],
        ['slow', 1_100],
      ] as const) {
        spans.begin({ requestId, attributes: {}, traceparent: undefined, tracestate: undefined })
        const begun = performance.now() - ms
        const who = { address: null, agentId: undefined, isKnown: false, subject: undefined }
        log.accepted({ at: clock.now(), begun, surface: 'member-api', call: 'login', code: '200', requestId, ...who })
        spans.end(requestId, { status: 200, name: requestId, attributes: {} })
      }
    } finally {
      useSpans(null)
    }
  })
  await queue.close()
  assert.deepEqual(
    collector.spans.map(({ name }) => name),
    ['slow'],
  )
})

test('no secret, token, signature, e-mail, query or member is in a span', async () => {
  await withGateway({ settings: { adminPort: 1 } }, async (gateway) => {
    const body = sampleBody(memberLogin, gateway.clock.now(), { user_id: 'uid001' })
    const answer = await sendCall(gateway, memberLogin, body)
    const { token } = (answer.json as { data: { token: string } }).data
    await unsigned(gateway)
    const { accessToken, refreshToken } = await loginTokens(gateway)
    await login(gateway, { password: wrongPassword })
    await gateway.request('GET', `/verify?token=${accessToken}`)
    await gateway.request('GET', '/api/member/uid001')
    await gateway.admin.inject({ method: 'GET', url: '/admin/api/v1/merchants/agent001/members/uid001', headers: { host: 'localhost' } })
    await rootsOf(gateway, 7)
    const sent = collector.texts.join()
    const secret = [
      token,
      accessToken,
      refreshToken,
      wrongPassword,
      'uid001',
      '@',
      '0'.repeat(32),
      'token=',
      '127.0.0.1',
      String(body.amount),
    ]
    for (const text of secret) assert.ok(!sent.includes(text), text)
  })
})

test('log lines of refused calls have the IDs of their span', async () => {
  const lines = new PassThrough()
  let text = ''
  lines.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const settings = { ...never, logCalls: 'errors', logLevel: 'info', otlpEndpoint: collector.endpoint } as const
  const logger = openLogger(settings as never, lines as never, { now: () => 0 })
  await withGateway({ settings, logger }, async (gateway) => {
    await unsigned(gateway)
    await login(gateway, { password: wrongPassword })
    await gateway.request('GET', '/nothing')
    const roots = await rootsOf(gateway, 3)
    const calls = () =>
      text
        .split('\n')
        .filter((line) => /"msg":"(?:call|answered)"/.test(line))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    await until(
      () => calls().length === 3,
      () => `three lines in ${text}`,
    )
    for (const line of calls()) {
      const root = roots.find(({ attributes }) => attributes['lobbykey.request_id'] === line.requestId)
      assert.deepEqual([line.trace_id, line.span_id], [root?.traceId, root?.spanId], String(line.msg))
    }
  })
})

test('each worker exports, also what it has when it ends', async () => {
  const sqlite = testStores().find(({ name }) => name === 'sqlite')
  assert.ok(sqlite)
  const installation = await Installation.create(sqlite)
  try {
    const server = await installation.serve(['--workers', '2'], { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint })
    await untilLogged(server, ({ msg }) => msg === 'serving')
    for (let call = 0; call < 8; call++) await send('POST', `${server.origin}/api/member/login`, { body: installation.loginBody() })
    await server.stop('SIGTERM')
    const logins = collector.roots.filter(({ name }) => name === 'POST /api/member/login')
    assert.equal(logins.length, 8)
    const workers = logLines(server)
      .filter(({ msg }) => msg === 'worker ready')
      .map(({ pid }) => pid)
    for (const { resource } of logins) assert.ok(workers.includes(Number(resource['process.pid'])))
  } finally {
    await installation.drop()
  }
})

test('the collector gets the headers that the settings name', async () => {
  await withGateway({ settings: { otlpHeaders: ['authorization=Bearer a=b'] } }, async (gateway) => {
    await gateway.request('GET', '/livez')
    await rootsOf(gateway, 1)
    const [{ path, authorization, 'content-type': type } = {}] = collector.headers
    assert.deepEqual([path, authorization, type], ['/v1/traces', 'Bearer a=b', 'application/json'])
  })
})

const failing: Readonly<Record<string, NonNullable<SpanCollector['answer']>>> = {
  'answers 500': (_request, response) => void response.writeHead(500).end(),
  redirects: (_request, response) => void response.writeHead(307, { location: '/elsewhere' }).end(),
  'hangs up': (request) => void request.socket.destroy(),
  'never answers': () => {},
}

describe('a collector that', () => {
  for (const [what, answer] of Object.entries(failing)) {
    test(`${what} disturbs no call; its spans are dropped and counted`, async () => {
      const lines = new PassThrough()
      const settings = { otlpTimeoutMs: 50, otlpHeaders: ['x-key=secret'], adminPort: 1, logLevel: 'warn' } as const
      const logger = openLogger({ ...settings, otlpEndpoint: collector.endpoint } as never, lines as never, { now: () => 0 })
      await withGateway({ settings, logger }, async (gateway) => {
        collector.answer = answer
        for (let call = 0; call < 3; call++) {
          assert.match((await goodLogin(gateway)).text, /"code":200/)
          await gateway.flushSpans()
        }
        const metrics = await gateway.admin.inject({ method: 'GET', url: '/metrics', headers: { host: 'localhost' } })
        assert.match(metrics.body, /^lobbykey_spans_total\{outcome="dropped"\} 12$/m)
        assert.match(metrics.body, /^lobbykey_spans_total\{outcome="exported"\} 0$/m)
        const written = String(lines.read())
        assert.equal(written.match(/OpenTelemetry spans could not be exported/g)?.length, 1, written)
        assert.doesNotMatch(written, /secret/)
      })
    })
  }

  test('is away disturbs no call', async () => {
    const gone = await SpanCollector.start()
    const { endpoint } = gone
    await gone.close()
    await withGateway({ settings: { otlpEndpoint: endpoint } }, async (gateway) => {
      assert.match((await goodLogin(gateway)).text, /"code":200/)
      await gateway.flushSpans()
      assert.match((await goodLogin(gateway)).text, /"code":200/)
    })
  })

  test('answers without an end is not listened to', async () => {
    await withGateway({}, async (gateway) => {
      const closed = Promise.withResolvers<void>()
      collector.answer = (_request, response) => {
        response.once('close', closed.resolve)
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(65_536))) {}
        }
        response.on('drain', more)
        more()
      }
      await goodLogin(gateway)
      await gateway.flushSpans()
      await closed.promise
    })
  })
})
