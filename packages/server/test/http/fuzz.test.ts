import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { type Body, loginBody, signed } from '../support/signed-body.ts'

let gateway: TestGateway
before(async () => {
  gateway = await startTestGateway()
})
after(() => gateway.close())

const runs = Number(process.env.FUZZ_RUNS ?? 300)
const paths = [
  '/api/member/login',
  '/api/member/create',
  '/api/member/lock',
  '/api/member/logout',
  '/merchant-api/seller/auth/login',
  '/merchant-api/seller/auth/refresh',
  '/api/merchant-api/seller/auth/logout',
]
const names = [
  'agent_id',
  'user_id',
  'token',
  'timestamp',
  'sign',
  'limits',
  'callback',
  'currency',
  'email',
  'password',
  'refreshToken',
  'status',
]
const seeds = [
  'agent001',
  'uid001',
  'a'.repeat(32),
  'VND2',
  'h5',
  'en-US',
  '__proto__',
  '\u0000',
  '\ud800',
  '&',
  'https://h5-uat.aig1234.com/',
]

/** Keeps the old signature if the values have no text to sign, such as `{"toString":{}}`. */
function signedIfItCanBe(body: Body): Body {
  try {
    return signed(body)
  } catch {
    return body
  }
}

async function verifyAnswer(path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<void> {
  const { status, json } = await gateway.post(path, body, { headers })
  assert.ok(status < 500, `${status} for ${path} ${body.toString().slice(0, 200)}`)
  assert.ok(typeof (json as { code?: unknown }).code === (path.includes('merchant-api') ? 'string' : 'number'))
}

test('[check 50] no JSON causes a 5xx', async () => {
  const value = fc.oneof(
    fc.constantFrom(...seeds),
    fc.jsonValue(),
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.constant(gateway.clock.now()),
  )
  const object = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), value, { maxKeys: 14 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.oneof(object, fc.jsonValue()), (path, body) => verifyAnswer(path, JSON.stringify(body))),
    { numRuns: runs },
  )
})

test('[check 50] no bytes cause a 5xx', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.uint8Array({ maxLength: 600 }), (path, bytes) => verifyAnswer(path, Buffer.from(bytes))),
    { numRuns: runs },
  )
})

test('[check 50] a valid request with any field replaced or any byte changed causes no 5xx', async () => {
  const good = signed(loginBody(gateway.clock.now(), { limits: { USD_101: '110101' }, callback: 'https://h5-uat.aig1234.com/home' }))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(good)), fc.jsonValue(), (name, value) =>
      verifyAnswer('/api/member/login', JSON.stringify(signedIfItCanBe({ ...good, [name]: value }))),
    ),
    { numRuns: runs },
  )
  const bytes = Buffer.from(JSON.stringify(good))
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), (index, byte) => {
      const mutated = Buffer.from(bytes)
      mutated[index] = byte
      return verifyAnswer('/api/member/login', mutated)
    }),
    { numRuns: runs },
  )
})

test('[check 50] odd headers cause no 5xx', async () => {
  const header = fc.constantFrom(
    'content-type',
    'content-length',
    'authorization',
    'x-forwarded-for',
    'accept',
    'host',
    'content-encoding',
    'cookie',
  )
  const headerValue = fc.string({ unit: fc.constantFrom('a', '0', ' ', ',', ';', '=', ':', '/', '*', '"'), maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), header, headerValue, async (path, name, value) => {
      const { status } = await gateway.post(path, '{}', { headers: name === 'content-length' ? {} : { [name]: value } })
      assert.ok(status < 500)
    }),
    { numRuns: runs },
  )
})
