import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import jsonwebtoken from 'jsonwebtoken'
import { headerSegment, openCompact, signCompact } from '../../../src/core/tokens/compact-jws.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const header = headerSegment('JWT', 'key-1')
const key = { publicKey }
const open = (token: string) => openCompact(token, (segment) => (segment === header ? key : null))

test('an independent library accepts a token, and it opens to what was signed', async () => {
  const token = await signCompact(header, '{"sub":"Jörg"}', privateKey)
  const read = jsonwebtoken.verify(token, publicKey, { algorithms: ['RS256'], complete: true })
  assert.deepEqual([read.header, read.payload], [{ alg: 'RS256', typ: 'JWT', kid: 'key-1' }, { sub: 'Jörg' }])
  const opened = open(token) ?? assert.fail()
  assert.equal(opened.key, key)
  assert.equal(opened.payload.toString(), '{"sub":"Jörg"}')
})

test('[check 12] a token with more or fewer segments finds no key', async () => {
  const token = await signCompact(header, '{}', privateKey)
  const asked: string[] = []
  for (const other of [`${token}.`, `${token}.e30`, token.slice(0, token.lastIndexOf('.')), header, '']) {
    assert.equal(
      openCompact(other, (segment) => {
        asked.push(segment)
        return key
      }),
      null,
    )
  }
  assert.deepEqual(asked, [])
})

test('[check 13] of all spellings of a signature one is accepted', async () => {
  const token = await signCompact(header, '{}', privateKey)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const taken = [...alphabet].filter((last) => open(token.slice(0, -1) + last) !== null)
  assert.deepEqual(taken, [token.at(-1)])
  assert.equal(open(`${token}=`), null)
})

test('another header, payload or signature is refused', async () => {
  const token = await signCompact(header, '{}', privateKey)
  const other = await signCompact(headerSegment('JWT', 'key-2'), '{"a":1}', privateKey)
  const [[a, b, c], [d, e, f]] = [token.split('.'), other.split('.')]
  for (const mixed of [`${d}.${b}.${c}`, `${a}.${e}.${c}`, `${a}.${b}.${f}`, other]) assert.equal(open(mixed), null)
})
