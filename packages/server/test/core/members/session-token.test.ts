import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sessionTokenHasher } from '../../../src/core/members/session-token.ts'

const hash = (secret: string, agentId: string, token: string) =>
  Buffer.from(sessionTokenHasher(Buffer.from(secret))(agentId, token)).toString('hex')

test('[check 67] a token is kept as 16 bytes that depend on a server secret, the merchant and the whole token', () => {
  const kept = hash('secret', 'agent001', 'tokena8c2')
  assert.match(kept, /^[0-9a-f]{32}$/)
  assert.equal(hash('secret', 'agent001', 'tokena8c2'), kept)
  const others = [
    hash('secres', 'agent001', 'tokena8c2'),
    hash('secret', 'agent002', 'tokena8c2'),
    hash('secret', 'agent001', 'tokena8c3'),
    hash('secret', 'agent0', '01tokena8c2'),
  ]
  assert.equal(new Set([kept, ...others]).size, 5)
})
