import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { operations, sellerBasePaths } from '@lobbykey/contract'
import { startTestGateway } from '../../support/gateway.ts'

const gateway = await startTestGateway()
after(() => gateway.close())

interface OpenApi {
  openapi: string
  servers: { url: string }[]
  paths: Record<string, Record<string, unknown>>
}

test('every operation of the document is served, under the alias as well', async () => {
  const document = (await gateway.request('GET', '/openapi.json')).json as OpenApi
  assert.equal(document.openapi, '3.1.1')
  assert.deepEqual(document.servers, [{ url: gateway.publicUrl }])
  const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  assert.deepEqual(
    listed,
    operations.map(({ method, path }) => `${method} ${path}`),
  )
  for (const { method, path, api } of operations) {
    assert.ok(gateway.app.hasRoute({ method, url: path }), path)
    if (api === 'seller') assert.ok(gateway.app.hasRoute({ method, url: path.replace(sellerBasePaths[0], sellerBasePaths[1]) }), path)
  }
})

test('every served operation is in the document', async () => {
  const document = (await gateway.request('GET', '/openapi.json')).json as OpenApi
  const routes = gateway.app.printRoutes({ commonPrefix: false })
  const served = [...routes.matchAll(/ ((?:api|merchant-api)\/\S+) \(\w+\)/g)].map(([, path]) => `/${path}`)
  assert.ok(served.length >= operations.length)
  // The sandbox's own calls belong to neither contract; see docs/sandbox.md.
  for (const path of served.filter((path) => !path.startsWith('/api/sandbox/')))
    assert.ok(path.replace(sellerBasePaths[1], sellerBasePaths[0]) in document.paths, path)
})

test('[check 55] the page loads scripts and data from this server only', async () => {
  const { headers, text, status } = await gateway.request('GET', '/docs')
  assert.equal(status, 200)
  const policy = String(headers['content-security-policy'])
  assert.match(policy, /default-src 'none'; script-src 'self';/)
  assert.match(policy, /connect-src 'self'/)
  assert.match(policy, /frame-ancestors 'none'/)
  assert.doesNotMatch(text, /https?:\/\//)
  assert.doesNotMatch(text, /<script(?! src="\/)/)
})

test("Scalar's script is sent compressed on request, and compressed once", async () => {
  const plain = await gateway.app.inject('/docs/scalar.js')
  assert.equal(plain.headers['content-type'], 'text/javascript; charset=utf-8')
  assert.match(plain.body, /createApiReference/)
  const gzipped = await gateway.app.inject({ url: '/docs/scalar.js', headers: { 'accept-encoding': 'br, gzip' } })
  assert.equal(gzipped.headers['content-encoding'], 'gzip')
  assert.equal(gunzipSync(gzipped.rawPayload).length, plain.rawPayload.length)
  const refused = await gateway.app.inject({ url: '/docs/scalar.js', headers: { 'accept-encoding': 'gzip;q=0' } })
  assert.equal(refused.headers['content-encoding'], undefined)
  const again = await gateway.app.inject({ url: '/docs/scalar.js', headers: { 'if-none-match': String(plain.headers.etag) } })
  assert.equal(again.statusCode, 304)
  assert.equal(again.rawPayload.length, 0)
})
