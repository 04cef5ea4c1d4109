import { test } from 'node:test'
import { verifyAccuracy } from './accuracy.ts'

test('2,000 wrong requests: the right cause is named for 98 %, a wrong one for less than 0.5 %', () => {
  verifyAccuracy(2_000)
})
