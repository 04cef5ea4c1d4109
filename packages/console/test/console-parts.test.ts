import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toCsv } from '../src/console/parts/csv.ts'
import { rotationStage } from '../src/console/screens/merchant/rotation-stage.ts'

test('a CSV keeps quotes and lines, and nothing in it is a formula', () => {
  const rows = [{ name: 'a "b", c', note: 'two\nlines' }, { name: '=HYPERLINK("http://evil")', sum: -5, list: [1] }, { name: '＝1+1' }]
  assert.equal(toCsv(rows), 'name,note,sum,list\r\n"a ""b"", c","two\nlines",,\r\n"\'=HYPERLINK(""http://evil"")",,-5,[1]\r\n\'＝1+1,,,')
})

test('no cell of a CSV is a formula, whatever a spreadsheet takes for the end of a cell', () => {
  for (const text of [
    '=1+1',
    '@SUM(1)',
    '+1+cmd',
    '-2+3',
    '\t=1',
    'a;=1+1',
    'a; -1+cmd',
    'a\t@x',
    'a\r\n+1',
    '\n=1',
    'a;＝1',
    '{"x":"a;=1"}',
  ]) {
    const cells = toCsv([{ text }])
      .slice('text\r\n'.length)
      .split(/[;\t\r\n]/)
    assert.deepEqual(
      cells.filter((cell) => /^"?\s*[=+\-@＝＋－＠]/.test(cell)),
      [],
      JSON.stringify(text),
    )
  }
})

test('where a rotation of keys stands', () => {
  const now = Date.parse('2026-01-10T00:00:00.000Z')
  const key = (createdAt: string, lastUsedAt: string | null, safeToRetireFrom: string | null = null) =>
    ({ keyId: createdAt, status: 'active', createdAt, retiredAt: null, lastUsedAt, safeToRetireFrom }) as const
  const old = '2026-01-01T00:00:00.000Z'
  const recent = '2026-01-09T00:00:00.000Z'
  assert.equal(rotationStage([key(old, recent)], now), 0)
  assert.equal(rotationStage([key(old, recent), key(recent, null)], now), 1)
  assert.equal(rotationStage([key(old, recent, '2026-01-11T00:00:00.000Z'), key(recent, recent)], now), 2)
  assert.equal(rotationStage([key(old, recent, recent), key(recent, recent)], now), 3)
  assert.equal(rotationStage([{ ...key(old, recent), status: 'retired' }, key(recent, recent)], now), 0)
})
