/** The admin listener's documentation: its OpenAPI document, its reference, the page of problems. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { catalogue } from '@lobbykey/contract'
import { adminOperation, adminOperationNames } from '@lobbykey/contract/admin'
import { Validator } from '@seriousme/openapi-schema-validator'
import { version } from '../../../src/core/base/version.ts'
import { adminCall } from '../../support/admin-calls.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'

let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway({ settings: { adminPort: 8081 } })
})
after(() => gateway.close())

test('the OpenAPI document is valid, of this version, and has every operation', async () => {
  const { statusCode, body } = await gateway.admin.inject({ method: 'GET', url: '/admin/openapi.json' })
  assert.equal(statusCode, 200)
  const document = JSON.parse(body)
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  assert.equal(valid, true, JSON.stringify(errors))
  assert.equal(document.info.version, version)
  const described = Object.values(document.paths as Record<string, Record<string, { operationId: string }>>).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  )
  assert.deepEqual(described.sort(), [...adminOperationNames].sort())
  assert.doesNotMatch(body, /"rule":/)
})

test('a path parameter is in the path, a field of GET in the query, every other in the body', async () => {
  const { paths } = JSON.parse((await gateway.admin.inject({ method: 'GET', url: '/admin/openapi.json' })).body)
  for (const name of adminOperationNames) {
    const { method, path, input } = adminOperation(name)
    const { parameters, requestBody } = paths[`/admin/api/v1${path}`][method.toLowerCase()]
    const named = parameters.filter((each: { in: string }) => each.in !== 'header').map((each: { name: string }) => each.name)
    const inBody = Object.keys(requestBody?.content['application/json'].schema.properties ?? {})
    assert.deepEqual([...named, ...inBody].filter((each) => each !== 'validateOnly').sort(), Object.keys(input.properties).sort(), name)
  }
})

test('the reference loads from this server only', async () => {
  const page = await gateway.admin.inject({ method: 'GET', url: '/admin/docs' })
  assert.match(String(page.headers['content-security-policy']), /default-src 'none'.*connect-src 'self'/)
  // The logo is in the page itself.
  const sources = [...page.body.matchAll(/src="(?!data:)([^"]+)"/g)].map(([, source]) => source as string)
  assert.deepEqual(sources, ['/admin/docs/scalar.js', '/admin/docs/start.js'])
  for (const url of sources) assert.equal((await gateway.admin.inject({ method: 'GET', url })).statusCode, 200)
})

test('no page names a file that a reader would have to look for in the repository', async () => {
  for (const [app, url] of [
    [gateway.admin, '/admin/openapi.json'],
    [gateway.admin, '/admin/errors'],
    [gateway.app, '/openapi.json'],
  ] as const) {
    const { statusCode, body } = await app.inject({ method: 'GET', url })
    assert.equal(statusCode, 200, url)
    assert.doesNotMatch(body, /\bdocs\/[\w-]+\.md/, url)
  }
})

test('the type of a problem links to its entry on the page of problems', async () => {
  const { json } = await adminCall(gateway, null, 'GET', '/merchants')
  const [url, anchor] = json.type.split('#')
  const page = await gateway.admin.inject({ method: 'GET', url })
  assert.equal(page.statusCode, 200)
  assert.ok(page.body.includes(`id="${anchor}"`))
  for (const key of Object.keys(catalogue)) assert.ok(page.body.includes(`id="${key}"`), key)
})
