import assert from 'node:assert/strict'
import { registerHooks } from 'node:module'
import { test } from 'node:test'

/** Modules of spans that this process has loaded. prom-client brings OpenTelemetry's API, which does nothing by itself. */
const loaded = new Set<string>()
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    if (/\/@opentelemetry\/(?!api\/)|\/src\/telemetry\//.test(found.url)) loaded.add(found.url)
    return found
  },
})

test("without OTEL_EXPORTER_OTLP_ENDPOINT OpenTelemetry's SDK is not loaded, and nothing is exported", async (t) => {
  const { memberLogin } = await import('@lobbykey/contract')
  const { startTestGateway } = await import('../support/gateway.ts')
  const { sampleBody, sendCall } = await import('../support/signed-calls.ts')
  const { login } = await import('../support/seller-calls.ts')
  const { SpanCollector } = await import('../support/span-collector.ts')
  const { spans } = await import('../../src/core/base/spans.ts')
  const collector = await SpanCollector.start()
  t.after(() => collector.close())
  const use = async (otlpEndpoint: string | null) => {
    const upstreams = [{ prefix: '/merchant-api/orders', url: collector.endpoint }]
    const gateway = await startTestGateway({ settings: { otlpEndpoint, upstreams, adminPort: 1 } })
    await sendCall(gateway, memberLogin, sampleBody(memberLogin, gateway.clock.now()))
    assert.equal((await login(gateway)).status, 200)
    await gateway.flushSpans()
    await gateway.close()
  }
  await use(null)
  assert.equal(spans, null)
  assert.deepEqual([[...loaded], collector.texts], [[], []])
  await use(collector.endpoint)
  assert.ok(loaded.size > 0 && collector.texts.length > 0, 'with it, both are')
})
