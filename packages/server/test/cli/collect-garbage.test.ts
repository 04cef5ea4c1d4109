import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectGarbage } from '../../src/cli/collect-garbage.ts'

test('what a start leaves behind is freed, if it is much', () => {
  let read: unknown[] = []
  const before = process.memoryUsage().heapUsed
  while (process.memoryUsage().heapUsed < before + 96 * 2 ** 20) read.push(new Array(10_000).fill(read.length))
  read = []
  collectGarbage()
  assert.ok(process.memoryUsage().heapUsed < before + 16 * 2 ** 20)
  assert.deepEqual(read, [])
})
