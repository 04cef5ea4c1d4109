import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { mutantsOf } from './operators.ts'
import { parse } from './parse.ts'
import { SourceCopy } from './source-copy.ts'
import { targets } from './targets.ts'

/** What a line of code becomes. */
function mutationsOf(t: TestContext, code: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-mutation-test-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'tsconfig.json'), '{ "files": ["code.ts"] }')
  writeFileSync(join(folder, 'code.ts'), code)
  const [source = assert.fail()] = parse(['code.ts'], folder)
  return mutantsOf(source).map(({ start, end, replacement }) => code.slice(0, start) + replacement + code.slice(end))
}

test('every operator changes what it is for, at its place', (t) => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['if (a) b', ['if (true) b', 'if (false) b', 'if (a) ;']],
    ['x = a < b', [';', 'x = a <= b', 'x = a >= b']],
    ['x = a ?? !b', [';', 'x = a && !b', 'x = a ?? (b)']],
    ['n--', [';', 'n++']],
    ["f('', `a`, true)", [';', "f('mutated', `a`, true)", "f('', ``, true)", "f('', `a`, false)"]],
    ['x = /^a$/', [';', 'x = /a$/', 'x = /^a/']],
    ['x = [{ a: 1 }]', [';', 'x = []', 'x = [{}]']],
    ['f(() => a)', [';', 'f(() => undefined)']],
    ['x = Math.min(a)', [';', 'x = Math.max(a)']],
  ]
  for (const [code, expected] of cases) assert.deepEqual(mutationsOf(t, code).sort(), [...expected].sort(), code)
})

test('types, imports and names are left alone', (t) => {
  assert.deepEqual(mutationsOf(t, "import { a } from 'b'\ninterface C { readonly d: 'e' | 'f' }\ntype G = [true]\nexport { a }"), [])
})

test('every target, and every test of one, is there', () => {
  for (const { file, tests } of targets) {
    for (const path of [`src/core/${file}`, ...tests.map((name) => `test/${name}`)]) readFileSync(`packages/server/${path}`)
  }
})

test('a change in the copy fails its test, one that hangs is ended, and the work tree stays as it is', async (t) => {
  const copy = new SourceCopy()
  t.after(() => copy.remove())
  const file = 'packages/server/src/core/passwords/fair-queue.ts'
  const tests = ['packages/server/test/core/passwords/fair-queue.test.ts']
  const text = readFileSync(file, 'utf8')
  assert.equal(await copy.test(tests, 60_000), 'passed')
  copy.write(file, text.replace('this.#size--', 'this.#size++'))
  assert.equal(await copy.test(tests, 60_000), 'failed')
  copy.write(file, `${text}\nfor (;;);`)
  assert.equal(await copy.test(tests, 500), 'timed out')
  assert.equal(readFileSync(file, 'utf8'), text)
})
