/** Input that clients spell in several ways: media types, a byte order mark, an empty object, two slashes. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { authPath } from '../support/seller-calls.ts'
import { loginBody, signed } from '../support/signed-body.ts'

describe('spellings', () => {
  let gateway: TestGateway
  before(async () => {
    gateway = await startTestGateway()
  })
  after(() => gateway.close())

  const memberLogin = (body: object | string | Buffer, type = 'application/json') =>
    gateway.post('/api/member/login', body, { headers: { 'content-type': type } })
  const sellerLogin = (body: object | string | Buffer, type = 'application/json') =>
    gateway.post(`${authPath}/login`, body, { headers: { 'content-type': type } })
  const freshBody = (changes = {}) => signed(loginBody(gateway.clock.now(), changes))

  test('[check 45] JSON is JSON under every name of UTF-8, and under no other charset', async () => {
    for (const type of [
      'application/json',
      'application/json;',
      'application/json; ',
      'application/json;charset=utf8',
      'application/json; charset=UTF8',
      'application/json; charset="UTF-8"',
      'Application/JSON ; charset="utf8" ;',
    ]) {
      assert.equal(((await memberLogin(freshBody(), type)).json as { code: number }).code, 200, type)
      assert.equal((await sellerLogin(sampleSeller, type)).status, 200, type)
    }
    for (const type of [
      'application/json; charset=utf-16',
      'application/json; charset=utf-8859-1',
      'application/json; charset="utf-8',
      'application/json; charset=utf-8; charset=latin1',
      'application/json; version=1',
      'application/json;;',
      'application/jsonx',
      'text/json',
    ]) {
      assert.equal((await memberLogin(freshBody(), type)).status, 415, type)
      assert.equal((await sellerLogin(sampleSeller, type)).status, 415, type)
    }
  })

  test('a byte order mark before the body is skipped; one within it, or two, are not', async () => {
    const mark = '\ufeff'
    const text = JSON.stringify(freshBody())
    assert.equal(((await memberLogin(mark + text)).json as { code: number }).code, 200)
    assert.equal((await sellerLogin(mark + JSON.stringify(sampleSeller))).status, 200)
    for (const body of [mark + mark + text, text.replace('{', `{${mark}`), `${text}${mark}`]) {
      assert.equal(((await memberLogin(body)).json as { code: number }).code, 408000)
    }
    const utf16 = Buffer.from(`${mark}${text}`, 'utf16le')
    assert.match(((await memberLogin(utf16)).json as { message: string }).message, /not UTF-8/)
  })

  test('an empty array in place of an object is the empty object, and a repeated request with it is unchanged', async () => {
    const body = freshBody({ limits: [] })
    const first = (await memberLogin(body)).json as { code: number; data: unknown }
    assert.equal(first.code, 200)
    assert.deepEqual((await memberLogin({ ...body, limits: {} })).json, first)
    assert.equal(((await memberLogin(freshBody({ limits: ['110101'] }))).json as { code: number }).code, 408000)
    assert.equal(((await memberLogin(freshBody({ user_id: [] }))).json as { code: number }).code, 408000)
  })

  test('a path that begins with two slashes is refused in the envelope of its surface', async () => {
    const member = await gateway.post('//api/member/login', freshBody())
    assert.equal(member.status, 404)
    assert.match((member.json as { message: string }).message, /begins with two slashes/)
    const seller = await gateway.post(`/${authPath}/login`, sampleSeller)
    assert.deepEqual([seller.status, (seller.json as { code: string }).code], [404, '10001'])
    assert.match((seller.json as { msg: string }).msg, /begins with two slashes/)
    assert.equal((await gateway.post('//evil.example/member/login', '{}')).status, 404)
  })
})
