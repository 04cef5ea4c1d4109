import { test } from 'node:test'
import { verifyAccuracy } from './accuracy.ts'

test('careless integrators are told their mistake, in words that hold no key, digest or signed text', () => {
  verifyAccuracy(100)
})
