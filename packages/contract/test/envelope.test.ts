import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catalogue, type ErrorKey, GatewayError, memberFailure, memberSuccess, sellerFailure, sellerSuccess } from '@lobbykey/contract'

const now = Date.UTC(2025, 11, 17, 13, 44, 16)
const keys = Object.keys(catalogue) as ErrorKey[]

test('success, as the two documents show it', () => {
  assert.deepEqual(sellerSuccess({ a: 1 }, now), { code: '0000', msg: 'Success', time: '2025-12-17T13:44:16.000Z', data: { a: 1 } })
  assert.deepEqual(memberSuccess({ url: 'u', token: 't' }), { code: 200, message: 'success', data: { url: 'u', token: 't' } })
})

test('failure: data is null for sellers, {} for members; details follow the text', () => {
  const error = new GatewayError('invalid_parameter', { message: 'email must be one e-mail address' })
  assert.deepEqual(sellerFailure(error, now), {
    code: '10005',
    msg: 'Request parameter error: email must be one e-mail address',
    time: '2025-12-17T13:44:16.000Z',
    data: null,
  })
  assert.deepEqual(memberFailure(error), { code: 408000, message: 'Request Parameter Error: email must be one e-mail address', data: {} })
})

test('codes of the seller API are those of its table', () => {
  const codes = new Map(keys.flatMap((key) => ('sellerCode' in catalogue[key] ? [[key, catalogue[key].sellerCode]] : [])))
  assert.deepEqual([...new Set(codes.values())].sort(), [
    '10001',
    '10002',
    '10003',
    '10004',
    '10005',
    '10006',
    '10007',
    '10008',
    '10009',
    '10010',
    '10011',
    '10012',
    '10013',
    '10099',
  ])
})

test('codes of the member API are those of its table and of the calls around it', () => {
  const codes = new Set(keys.flatMap((key) => ('memberCode' in catalogue[key] ? [catalogue[key].memberCode] : [])))
  assert.deepEqual(
    [...codes].sort((a, b) => Number(a) - Number(b)),
    [408000, 408003, 408004, 600100, 700101, 700102, 700103, 700105, 700106, 700108, 700208, 700270],
  )
})

test('[check 75] a failure that an API does not foresee is its internal error, and says nothing of its cause', () => {
  const cause = new Error('select * from secrets at /srv/lobbykey')
  for (const key of keys) {
    const error = new GatewayError(key, {}, cause)
    const [seller, member] = [sellerFailure(error, now), memberFailure(error)]
    assert.match(seller.code, /^10[0-9]{3}$/)
    assert.ok(member.code > 400_000)
    assert.doesNotMatch(JSON.stringify([seller, member]), /secrets|srv/)
  }
  assert.equal(sellerFailure(new GatewayError('member_locked'), now).code, '10099')
  assert.equal(memberFailure(new GatewayError('throttled')).code, 700106)
})

test('every entry has a cause and a cure in words, and an HTTP status of an error', () => {
  for (const key of keys) {
    const { cause, cure, http } = catalogue[key]
    assert.ok(cause.length > 10 && cure.length > 5 && http >= 400 && http < 600, key)
  }
})
