/** The proof that one canonical string means one request (check 28), as properties to run as often as one likes. */
import assert from 'node:assert/strict'
import { memberLogin, type SigningProfile, signedNames } from '@lobbykey/contract'
import fc from 'fast-check'
import { acceptLogin, canonicalOf, sampleLogin } from './sample-login.ts'

/** Characters that could blur where one field ends and the next begins, and some that could not. */
const hostile = ['a', 'b', '0', '1', '&', '=', '%', ',', ' ', '\0', '\u0080', '\ufffd', '\ud800', '\udc00', '-', '_', '/', ':']
const names = Object.keys(memberLogin.schema.properties).filter((name) => name !== 'limits')
const pieces = [...hostile, ...names.map((name) => `&${name}=`), 'USD', 'en', 'h5', '101', '1734417873301', 'https://a.b/']

const hostileText = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(''))

/** Values of each field: mostly ones that pass, so that whole requests do, and hostile ones between them. */
function request(): fc.Arbitrary<Record<string, unknown>> {
  const digits = fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 })
  const plain: Record<string, fc.Arbitrary<unknown>> = {
    agent_id: fc.stringMatching(/^[ab_-]{1,3}$/),
    user_id: fc.stringMatching(/^[ab_]{3,4}$/),
    token: fc.stringMatching(/^[ab=%,:/.]{9,11}$/),
    platform: fc.constantFrom('ios', 'h5'),
    language: fc.constantFrom('en', 'en-US'),
    currency: fc.constantFrom('USD', 'VND2'),
    timestamp: fc.oneof(digits, digits.map(String)),
    game_code: fc.option(fc.stringMatching(/^[ab_-]{0,3}$/)),
    callback: fc.option(
      fc.array(fc.constantFrom('a', '=', '&', '&b=', '&token=', '?'), { maxLength: 6 }).map((rest) => `https://a/${rest.join('')}`),
    ),
    custom_language: fc.option(fc.constantFrom('en>a', '')),
    sign: fc.constant(sampleLogin.sign),
  }
  return fc.record(
    Object.fromEntries(
      Object.entries(plain).map(([name, value]) => [
        name,
        fc.oneof({ weight: 19, arbitrary: value }, { weight: 1, arbitrary: hostileText }),
      ]),
    ),
  )
}

/** What the signature means of a request: its signed fields as text, empty ones absent. */
function meaning(fields: object, callback: SigningProfile['callback']): Record<string, string> {
  const signed = signedNames(memberLogin, callback)
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (signed.includes(name) ? [[name, String(value)]] : [])))
}

/** Reads a canonical string back, without knowing the request: that this is possible means that no two requests share one. */
function readBack(canonical: string, callback: SigningProfile['callback']): Record<string, string> {
  const signed = signedNames(memberLogin, callback)
  const read: Record<string, string> = {}
  let current = ''
  for (const piece of canonical.split('&')) {
    const name = signed.find((candidate) => piece.startsWith(`${candidate}=`))
    if (name !== undefined) {
      current = name
      read[name] = piece.slice(name.length + 1)
    } else {
      read[current] += `&${piece}`
    }
  }
  return read
}

/** Every accepted request can be read back from its canonical string. Says how many of the generated ones were accepted. */
export function assertReadable(callback: SigningProfile['callback'], runs: number): number {
  let accepted = 0
  fc.assert(
    fc.property(request(), (candidate) => {
      const fields = acceptLogin(candidate, callback)
      if (fields === null) return
      accepted++
      assert.deepEqual(readBack(canonicalOf(fields, callback), callback), meaning(fields, callback))
    }),
    { numRuns: runs },
  )
  return accepted
}

/** No two accepted requests of different meaning share a canonical string: pairs that differ by a few moved characters. */
export function assertDistinct(callback: SigningProfile['callback'], runs: number): void {
  const change = fc.record({ name: fc.constantFrom(...names), value: hostileText, drop: fc.constantFrom('', ...names) })
  fc.assert(
    fc.property(request(), change, (candidate, { name, value, drop }) => {
      const first = acceptLogin(candidate, callback)
      const second = acceptLogin(
        { ...candidate, [name]: `${candidate[name] ?? ''}${value}`, ...(drop === '' ? {} : { [drop]: '' }) },
        callback,
      )
      if (first === null || second === null || canonicalOf(first, callback) !== canonicalOf(second, callback)) return
      assert.deepEqual(meaning(first, callback), meaning(second, callback))
    }),
    { numRuns: runs },
  )
}
