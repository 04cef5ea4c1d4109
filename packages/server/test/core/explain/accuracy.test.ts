import { test } from 'node:test'
import { verifyAccuracy } from './accuracy.ts'

test('careless integrators learn their mistake from an answer without key, digest or signed text', () => {
  verifyAccuracy(100)
})
