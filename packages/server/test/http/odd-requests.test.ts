import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { after, before, test } from 'node:test'
import { adminBasePath, adminOperation, adminOperationNames, consoleHeader } from '@lobbykey/contract/admin'
import type { FastifyInstance } from 'fastify'
import pino from 'pino'
import { addOperator, addToken, adminCall } from '../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { testStores } from '../support/stores.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'] as const
const bodies = ['', '{', 'null', '[]', '{"__proto__":1}', 'a=%', '\u0000']
const types = ['application/json', 'text/plain', 'application/x-www-form-urlencoded', '']
/** Beside what the OpenAPI documents list. */
const otherPaths = {
  partners: [
    '/',
    '/nosuch',
    '/lobby',
    '/lobby/events',
    '/lobby/ack',
    '/lobby/over',
    '/hand-over',
    '/reset',
    '/verify',
    '/brand/logo/x',
    '/docs',
  ]
    .concat([
      '/playground',
      '/livez',
      '/readyz',
      '/openapi.json',
      '/oauth/introspect',
      '/oauth/revoke',
      '/oauth/jwks.json',
      '/session/check',
    ])
    .concat(['/session/redeem', '/session/feed', '/api/sandbox/explain', '/api/nosuch', '/merchant-api/nosuch']),
  operators: [
    '/',
    '/nosuch',
    '/console',
    '/console/nosuch',
    '/sign-in',
    '/metrics',
    '/livez',
    '/readyz',
    '/admin/docs',
    '/admin/errors',
  ].concat(['/admin/api/v1/nosuch', '/admin/api/v1/sign-in/password', '/admin/api/v1/sign-in/passkey']),
}

let gateway: TestGateway
let faults: string[] = []
before(async () => {
  const out = new Writable({
    write: (chunk, _encoding, done) => {
      faults.push(String(chunk))
      done()
    },
  })
  gateway = await startTestGateway({ settings: { adminPort: 8081 }, logger: pino({ level: 'error' }, out) })
})
after(() => gateway.close())

async function pathsOf(app: FastifyInstance, document: string, others: readonly string[]): Promise<string[]> {
  const { paths } = (await app.inject({ url: document })).json()
  const base = document.startsWith('/admin') ? adminBasePath : ''
  return [...Object.keys(paths).map((path) => base + path.replaceAll(/\{\w+\}/g, 'x')), ...others]
}

for (const [listener, others] of Object.entries(otherPaths)) {
  test(`no method and no body on any path of the ${listener}' listener is our fault [check 46]`, async () => {
    const app = listener === 'partners' ? gateway.app : gateway.admin
    const paths = await pathsOf(app, listener === 'partners' ? '/openapi.json' : '/admin/openapi.json', others)
    assert.ok(paths.length > others.length + 10, 'the document lists paths')
    faults = []
    const wrong: string[] = []
    const ask = async (method: (typeof methods)[number], url: string, type: string, payload?: string) => {
      const headers = type === '' ? {} : { 'content-type': type }
      const { statusCode } = await app.inject({ method: method as 'GET', url, headers, ...(payload === undefined ? {} : { payload }) })
      if (statusCode >= 500) wrong.push(`${statusCode} ${method} ${url} ${type} ${payload}`)
    }
    for (const url of paths) {
      for (const method of methods) for (const type of ['', 'application/json']) await ask(method, url, type)
      for (const type of types) for (const body of bodies) await ask('POST', url, type, body)
    }
    assert.deepEqual(wrong, [])
    assert.deepEqual(faults, [], 'nothing is logged as an error')
  })
}

for (const storeKind of testStores()) {
  test(`NUL, which no database has to store, is refused in every path of the admin API and at sign-in, on ${storeKind.name} [check 46]`, async () => {
    const gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
    const token = await addToken(gateway, await addOperator(gateway, 'owner'))
    for (const name of adminOperationNames) {
      const { method, path } = adminOperation(name)
      if (!path.includes('{')) continue
      const hasBody = method !== 'GET' && method !== 'DELETE'
      const options = { headers: { 'if-match': '*' }, ...(hasBody ? { body: {} } : {}) }
      const { status, json } = await adminCall(gateway, token, method, path.replaceAll(/\{\w+\}/g, 'a%00b'), options)
      assert.deepEqual([name, status, json.key], [name, 400, 'invalid_parameter'])
    }
    const body = { response: { id: '\0', rawId: '\0', type: 'public-key', response: {}, clientExtensionResults: {} } }
    const headers = { [consoleHeader]: '1', origin: gateway.settings.adminUrl }
    const signIn = await adminCall(gateway, null, 'POST', '/auth/passkey', { body, headers })
    assert.deepEqual([signIn.status, signIn.json.key], [401, 'sign_in_refused'])
    await gateway.close()
  })
}
