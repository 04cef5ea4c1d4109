import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { memberCreate, memberLogin } from '@lobbykey/contract'
import { signFields } from '../src/playground/signature.ts'

const key = 'l4gnD61pz4arJyv8'
const created = { agent_id: 'agent001', user_id: 'testUid03', user_name: 'testUser', desc: 'a test user', timestamp: 1734486159402 }

test("the published example's string and digest", () => {
  const signature = signFields(memberCreate, created, key, { algorithm: 'md5', callback: 'unsigned' })
  assert.equal(signature.canonical, 'agent_id=agent001&desc=a test user&timestamp=1734486159402&user_id=testUid03&user_name=testUser')
  assert.equal(signature.sign, '9d356beca8874e340721cc3e269863bd')
})

test('the parts, joined, are the canonical string', () => {
  const { canonical, parts } = signFields(memberCreate, created, key, { algorithm: 'md5', callback: 'unsigned' })
  assert.equal(parts.map(({ name, value }) => `${name}=${value}`).join('&'), canonical)
})

test('HMAC-SHA256 is keyed with the key, over the string without it', () => {
  const { canonical, sign } = signFields(memberCreate, created, key, { algorithm: 'hmac-sha256', callback: 'unsigned' })
  assert.equal(sign, createHmac('sha256', key).update(canonical).digest('hex'))
})

test('text beyond ASCII is hashed as UTF-8', () => {
  const { canonical, sign } = signFields(memberCreate, { ...created, desc: 'größe 百家乐 🎲' }, key, {
    algorithm: 'md5',
    callback: 'unsigned',
  })
  assert.equal(sign, createHash('md5').update(`${key}&${canonical}`, 'utf8').digest('hex'))
})

test('what is left out says why', () => {
  const fields = { agent_id: 'agent001', game_code: '', callback: 'https://a.example/', limits: { VND_101: '110101' } }
  const reasons = (callback: 'signed' | 'unsigned') =>
    Object.fromEntries(
      signFields(memberLogin, fields, key, { algorithm: 'md5', callback }).leftOut.map(({ name, reason }) => [name, reason]),
    )
  assert.equal(reasons('unsigned').callback, 'not signed under this profile')
  assert.equal(reasons('signed').callback, undefined)
  assert.equal(reasons('signed').game_code, 'empty')
  assert.equal(reasons('signed').limits, 'never signed')
  assert.equal(reasons('signed').sign, 'it is the signature')
})
