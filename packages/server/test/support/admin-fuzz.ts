/** Requests everything that the schemas of the admin API allow, and much that they do not. */
import assert from 'node:assert/strict'
import { type AdminOperationName, adminOperation } from '@lobbykey/contract/admin'
import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { Check } from 'typebox/value'
import { type AdminAnswer, adminCall } from './admin-calls.ts'
import type { TestGateway } from './gateway.ts'

/** Existing objects, so that many requests pass the first lookup. */
const known: Readonly<Record<string, readonly string[]>> = {
  agentId: ['agent001', 'nosuch'],
  userId: ['uid001', 'uid002'],
  email: ['seller@example.com'],
  address: ['127.0.0.1', '2001:db8::1', '300.1.1.1'],
  gameId: ['101'],
  cursor: ['WyJhIl0', 'WyIiXQ', 'W10', 'e30'],
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom<unknown>(
    '',
    '\u0000',
    "' or 1=1 --",
    '../../x',
    '%',
    '_',
    '\\',
    '🂡',
    'null',
    'x'.repeat(3_000),
    -1,
    1e15,
    1.5,
    true,
    null,
    [],
    {},
    [[]],
  ),
)

type Schema = TSchema & Record<string, unknown>

/** fast-check cannot generate text for patterns with Unicode classes; those allow most text. */
function matching(pattern: RegExp, maxLength: number): fc.Arbitrary<string> {
  if (!pattern.source.includes('\\p{')) return fc.stringMatching(pattern, { maxLength })
  return fc.string({ minLength: 1, maxLength, unit: 'grapheme' }).filter((text) => text.length <= maxLength && pattern.test(text))
}

/** Values of a schema, for the keywords that the list of operations uses. */
function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  if (Array.isArray(schema.anyOf)) return fc.oneof(...(schema.anyOf as Schema[]).map(valuesOf))
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]))
  if ('const' in schema) return fc.constant(schema.const)
  const { minLength = 0, maxLength = 80, minimum = -1_000, maximum = 1_000_000, maxItems = 4 } = schema as Record<string, number>
  switch (schema.type) {
    case 'string':
      return typeof schema.pattern === 'string'
        ? matching(new RegExp(schema.pattern, 'u'), Math.min(maxLength, 80))
        : fc.string({ minLength, maxLength: Math.min(maxLength, 80) })
    case 'integer':
    case 'number':
      return fc.integer({ min: minimum, max: Math.min(maximum, 2 ** 31) })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(valuesOf(schema.items as Schema), { maxLength: Math.min(maxItems, 4) })
    case 'object':
      return schema.properties === undefined ? recordsOf(schema) : objectsOf(schema)
    default:
      return hostile
  }
}

function recordsOf(schema: Schema): fc.Arbitrary<unknown> {
  const [entry] = Object.entries((schema.patternProperties ?? {}) as Record<string, Schema>)
  if (entry === undefined) return fc.constant({})
  return fc.dictionary(fc.stringMatching(new RegExp(entry[0], 'u')), valuesOf(entry[1]), { maxKeys: 3 })
}

function objectsOf(schema: Schema): fc.Arbitrary<Record<string, unknown>> {
  const required = (schema.required ?? []) as string[]
  const fields = Object.entries(schema.properties as Record<string, Schema>).map(([name, field]) => {
    const values = fc.oneof({ weight: 6, arbitrary: valuesOf(field) }, { weight: 1, arbitrary: hostile })
    return [name, known[name] === undefined ? values : fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...known[name]) }, values)]
  })
  return fc.record(Object.fromEntries(fields), { requiredKeys: required as never[] })
}

/** Runs an operation `runs` times. Nothing is answered with 500, and every answer matches its schema or is a problem. */
export async function fuzz(gateway: TestGateway, token: string, name: AdminOperationName, runs: number): Promise<void> {
  const { input, method } = adminOperation(name)
  const asked = fc.record({
    input: objectsOf(input as unknown as Schema),
    stray: fc.option(fc.tuple(fc.string({ minLength: 1, maxLength: 20 }), hostile), { freq: 8, nil: null }),
    isDryRun: fc.integer({ min: 0, max: 3 }).map((draw) => draw > 0 && method !== 'GET'),
    ifMatch: fc.constantFrom('*', '"1"', 'W/"x"', ''),
  })
  await fc.assert(
    fc.asyncProperty(asked, async ({ input: fields, stray, isDryRun, ifMatch }) => {
      const all = stray === null ? fields : { ...fields, [stray[0]]: stray[1] }
      const asking = () => ask(gateway, token, name, all, { isDryRun, ifMatch })
      let answer = await asking()
      // A machine at work may make the store busy, which the answer says: repeat it, as callers would.
      for (let again = 0; again < 3 && answer.json.key === 'store_unavailable'; again++) answer = await asking()
      verify(name, answer, isDryRun)
    }),
    { numRuns: runs },
  )
}

function ask(
  gateway: TestGateway,
  token: string,
  name: AdminOperationName,
  fields: Record<string, unknown>,
  { isDryRun, ifMatch }: { readonly isDryRun: boolean; readonly ifMatch: string },
): Promise<AdminAnswer> {
  const { method, path } = adminOperation(name)
  const rest = { ...fields }
  const filled = path.replaceAll(/\{(\w+)\}/g, (_text, field: string) => {
    const value = rest[field]
    delete rest[field]
    return encodeURIComponent((typeof value === 'string' ? value : String(JSON.stringify(value))).toWellFormed().replace(/^\.{0,2}$/, 'x'))
  })
  const hasBody = method !== 'GET' && method !== 'DELETE'
  const query = new URLSearchParams(isDryRun ? { validateOnly: 'true' } : {})
  if (!hasBody)
    for (const [field, value] of Object.entries(rest))
      query.append(field, typeof value === 'string' ? value : String(JSON.stringify(value)))
  return adminCall(gateway, token, method, `${filled}${query.size === 0 ? '' : `?${query}`}`, {
    ...(hasBody ? { body: rest } : {}),
    headers: ifMatch === '' ? {} : { 'if-match': ifMatch },
  })
}

function verify(name: AdminOperationName, { status, json, headers }: AdminAnswer, isDryRun: boolean): void {
  const { output, secrets = [] } = adminOperation(name)
  const what = `${name}: ${status} ${JSON.stringify(json)?.slice(0, 600)}`
  assert.ok(status < 500, what)
  assert.notEqual(status, 401, `${what}: the fuzz has ended its own token`)
  if (status < 300) {
    const texts = secrets.filter(
      (field) => (output as unknown as { properties: Record<string, { type?: string }> }).properties[field]?.type === 'string',
    )
    const told = isDryRun ? { ...json, ...Object.fromEntries(texts.map((field) => [field, 'left out'])) } : json
    assert.ok(Check(output, told), `${what} is not what the list says`)
  } else {
    assert.equal(headers['content-type'], 'application/problem+json; charset=utf-8', what)
    for (const field of ['type', 'title', 'detail', 'key', 'requestId']) assert.equal(typeof json[field], 'string', what)
    assert.equal(json.status, status, what)
  }
}
