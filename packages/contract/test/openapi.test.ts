import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { buildOpenApi, compileFields, errorAnswer, operations, signedCalls } from '@lobbykey/contract'
import { Validator } from '@seriousme/openapi-schema-validator'

const sign = (canonical: string, key: string) => createHash('md5').update(`${key}&${canonical}`, 'utf8').digest('hex')
const build = (memberHttpStatus: 'contract' | 'standard') =>
  JSON.parse(JSON.stringify(buildOpenApi({ version: '1.2.3', publicUrl: 'http://127.0.0.1:8080', memberHttpStatus, sign }))) as Document

interface Document {
  tags: { description: string }[]
  paths: Record<string, Record<string, OperationObject>>
}

interface OperationObject {
  description: string
  requestBody?: { content: Record<string, { schema: FieldsSchema; example: Record<string, unknown> }> }
  responses: Record<string, { content: Record<string, { examples: Record<string, { value: { code: unknown } }> }> }>
  'x-codeSamples': { label: string; source: string }[]
}

interface FieldsSchema {
  required: string[]
  properties: Record<string, { description?: string; rule?: string }>
}

const contract = build('contract')

for (const mode of ['contract', 'standard'] as const) {
  test(`the document is valid OpenAPI 3.1, member status ${mode}`, async () => {
    const validator = new Validator()
    const result = await validator.validate(build(mode) as never)
    assert.deepEqual(result.errors ?? [], [])
    assert.equal(result.valid, true)
    assert.equal(validator.version, '3.1')
  })
}

for (const operation of operations) {
  const object = contract.paths[operation.path]?.[operation.method.toLowerCase()] as OperationObject

  test(`${operation.id} tells every code with cause and cure`, () => {
    for (const key of operation.errors) {
      const { code, text, http, entry } = errorAnswer(operation.api, key, 'contract')
      for (const part of [`\`${code}\``, text, entry.cause, entry.cure]) assert.ok(object.description.includes(part), `${key}: ${part}`)
      const example = object.responses[String(http)]?.content['application/json']?.examples[key]
      assert.equal(example?.value.code, code)
    }
  })

  if (operation.method === 'POST' && Object.keys(operation.schema.properties).length > 0) {
    const body = object.requestBody?.content['application/json']

    test(`${operation.id} tells every field with description, rule and whether it is required`, () => {
      assert.deepEqual(body?.schema.required, operation.schema.required)
      for (const [name, field] of Object.entries(operation.schema.properties as Record<string, { description: string; rule: string }>)) {
        assert.equal(body?.schema.properties[name]?.description?.replaceAll('`', ''), `${field.description}. Must be ${field.rule}.`)
        assert.equal(body?.schema.properties[name]?.rule, undefined)
      }
    })

    test(`${operation.id} has an example that fits its own rules`, () => {
      assert.ok(body)
      compileFields(operation.schema)({ ...body.example })
    })
  }

  test(`${operation.id} has a program in each language`, () => {
    assert.deepEqual(
      object['x-codeSamples'].map(({ label }) => label),
      ['curl', 'JavaScript', 'Python', 'PHP', 'Java', 'Go', 'C#'],
    )
    for (const { source } of object['x-codeSamples']) assert.ok(source.includes(`http://127.0.0.1:8080${operation.path}`))
  })
}

test('every signed call is an operation, told in words', () => {
  for (const call of signedCalls) {
    const operation = operations.find(({ signedCall }) => signedCall === call)
    assert.ok(operation, call.name)
    assert.notEqual(operation.description, '', `${call.name}: callNotes in reference.ts has nothing about it`)
  }
})

test("the signing recipe's example is the published one, with its digest", () => {
  const recipe = contract.tags[0]?.description ?? ''
  assert.ok(
    recipe.includes('l4gnD61pz4arJyv8&agent_id=agent001&desc=a test user&timestamp=1734486159402&user_id=testUid03&user_name=testUser'),
  )
  assert.ok(recipe.includes('9d356beca8874e340721cc3e269863bd'))
})
