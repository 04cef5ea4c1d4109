import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operations, timeOfRun } from '@lobbykey/contract'
import { readFragment, writeFragment, writeOwnFragment } from '../src/playground/deep-link.ts'
import { startDraft } from '../src/playground/draft.ts'
import { explainCode } from '../src/playground/explain-code.ts'
import { fieldProblem, fieldValue } from '../src/playground/field-values.ts'
import { decodeToken, tellDuration } from '../src/playground/json-web-token.ts'
import { libraryCall, prepareRequest, snippetRequest } from '../src/playground/prepared-request.ts'

const samples = { merchantKey: 'the-merchant-key', seller: { email: 'seller@example.com', password: 'the-password' } }
const start = startDraft({ nonce: '', samples, canExplain: false })
const login = operations.find(({ id }) => id === 'member.login')
assert.ok(login)
const properties = login.schema.properties

test('a link restores the request it was made of', () => {
  const draft = {
    ...start,
    values: { ...start.values, user_id: 'uid002', game_code: '101-DYfsRc', currency: '', limits: '{"VND_101":"110101"}' },
    profile: { algorithm: 'hmac-sha256', callback: 'signed' } as const,
  }
  const restored = readFragment(writeFragment(draft, start), start)
  assert.deepEqual(restored, draft)
})

test("a merchant's own link does not sign with the sample key", () => {
  const own = { ...start, values: { ...start.values, agent_id: 'agent007' } }
  assert.deepEqual(readFragment(writeOwnFragment(own, start), start), { ...own, key: '' })
  assert.equal(readFragment(writeFragment(own, start), start).key, 'the-merchant-key')
  assert.equal(readFragment(writeOwnFragment(start, start), start).key, 'the-merchant-key', 'it is the sample merchant itself')
})

test('no link carries a key, password or token', () => {
  const secrets = {
    token: 'secret-token',
    password: 'secret-password',
    accessToken: 'secret-access',
    refreshToken: 'secret-refresh',
    oldPassword: 'secret-old',
    newPassword: 'secret-new',
    resetToken: 'secret-reset',
    sign: 'secret-sign',
  }
  for (const { id } of operations) {
    const fragment = writeFragment({ ...start, operationId: id, key: 'secret-key', values: { ...start.values, ...secrets } }, start)
    assert.doesNotMatch(fragment, /secret|the-/)
    assert.equal(readFragment(`${fragment}&password=injected&token=injected`, start).values.password, 'the-password')
  }
})

test('an unknown call or name in a link is passed over', () => {
  assert.deepEqual(readFragment('#call=nothing&__proto__=x&constructor=y', start), start)
})

test("a field's problem is the contract's rule", () => {
  assert.equal(fieldProblem('user_id', properties.user_id as never, 'a', true), 'must be a string of 3 to 64 of A-Z a-z 0-9 _')
  assert.equal(fieldProblem('user_id', properties.user_id as never, 'abc', true), null)
  assert.equal(fieldProblem('user_id', properties.user_id as never, '', true), 'is required')
  assert.equal(fieldProblem('game_code', properties.game_code as never, '', false), null)
  assert.equal(fieldProblem('timestamp', properties.timestamp as never, '1734417873301', true), null)
  assert.match(fieldProblem('timestamp', properties.timestamp as never, '1734417873', true) ?? '', /13 digits/)
  assert.equal(fieldProblem('limits', properties.limits as never, '{"VND_101":"110101"}', false), null)
  assert.match(fieldProblem('limits', properties.limits as never, '{"VND_101":', false) ?? '', /an object of strings/)
})

test('digits are sent as a number only where the field takes one', () => {
  assert.equal(fieldValue(properties.timestamp as never, '1734417873301'), 1734417873301)
  assert.equal(fieldValue(properties.user_id as never, '123'), '123')
  assert.equal(fieldValue(properties.timestamp as never, '01734417873301'), '01734417873301')
})

test('empty fields are not sent; timestamp and signature are made, unless they were typed', () => {
  const made = prepareRequest(start, 1734417873301)
  assert.equal(made.fields.timestamp, 1734417873301)
  assert.match(String(made.fields.sign), /^[0-9a-f]{32}$/)
  assert.ok(!('game_code' in made.fields))
  const typed = prepareRequest({ ...start, values: { ...start.values, timestamp: '1', sign: 'abc' } }, 1734417873301)
  assert.equal(typed.fields.timestamp, 1)
  assert.equal(typed.fields.sign, 'abc')
})

test('code carries secrets only when asked to', () => {
  const draft = { ...start, operationId: 'seller.login' }
  assert.equal(snippetRequest(draft, 'http://x', false).fields.password, 'your-password')
  assert.equal(snippetRequest(draft, 'http://x', true).fields.password, 'the-password')
  const signed = snippetRequest(start, 'http://x', false)
  assert.equal(signed.signing?.key, 'your-merchant-key')
  assert.equal(signed.fields.timestamp, timeOfRun)
  assert.equal(signed.fields.token, start.values.token)
})

test('the call of a client library leaves out what the library adds, and shows only what is not its default', () => {
  const call = libraryCall({ ...start, profile: { algorithm: 'hmac-sha256', callback: 'unsigned' } }, 'http://x', false)
  assert.deepEqual(call?.options, { agentId: 'agent001', key: 'your-merchant-key', algorithm: 'hmac-sha256' })
  assert.deepEqual(Object.keys(call?.fields ?? {}), ['user_id', 'token', 'platform', 'language', 'currency'])
  const login = { ...start, operationId: 'seller.login' }
  assert.equal(libraryCall(login, 'http://x', false)?.options.password, 'your-password')
  assert.equal(libraryCall(login, 'http://x', true)?.options.password, 'the-password')
  assert.equal(libraryCall({ ...start, operationId: 'seller.password' }, 'http://x', true), null)
})

test('an answer is explained by its code and its text', () => {
  assert.deepEqual(
    explainCode(login, 600100, 'Invalid Signature').map(({ key }) => key),
    ['bad_signature'],
  )
  assert.deepEqual(
    explainCode(login, 408004, 'API Rate Limit: the server is at its limit').map(({ key }) => key),
    ['queue_full'],
  )
  const wrongField = explainCode(login, 408000, 'Request Parameter Error: user_id is required')
  assert.deepEqual(
    wrongField.map(({ key }) => key),
    ['invalid_parameter'],
  )
})

test('a token is taken apart; what is none is none', () => {
  const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  assert.deepEqual(decodeToken(`${segment({ alg: 'RS256' })}.${segment({ sub: 'ü' })}.x`)?.claims, { sub: 'ü' })
  assert.equal(decodeToken('nothing'), null)
  assert.equal(decodeToken('a.b.c'), null)
  assert.equal(tellDuration(86_399), '23 h 59 min 59 s')
  assert.equal(tellDuration(61), '1 min 1 s')
  assert.equal(tellDuration(0.4), '0 s')
})
