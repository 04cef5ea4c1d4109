import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { catalogue, memberLogin } from '@lobbykey/contract'
import { generatedParts, renderDocument } from '../../../../scripts/render-docs.ts'
import { commandOnlySettings, settingDefinitions } from '../../src/config/settings.ts'
import { CommandLine } from '../cli/command-line.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const documents = globSync(['*.md', 'docs/**/*.md', 'clients/**/*.md', 'packages/*/*.md'], { cwd: root })

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

for (const path of Object.keys(generatedParts)) {
  test(`${path} is up to date with the code`, () => {
    assert.equal(read(path), renderDocument(path, read(path)), 'run npm run docs')
  })
}

test('every link inside the repository leads to an existing file and heading', () => {
  for (const path of documents) {
    for (const [, target = ''] of read(path).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [file = '', heading] = target.split('#')
      const linked = file === '' ? path : join(dirname(path), file)
      assert.ok(existsSync(join(root, linked)), `${path}: ${target}`)
      if (heading !== undefined) assert.ok(headingsOf(linked).includes(heading), `${path}: ${target}`)
    }
  }
})

test('every repository path in a document exists', () => {
  const folders = ['', 'packages/', 'packages/server/', 'packages/server/src/', 'packages/server/src/core/', 'packages/server/src/http/']
  const roots = /^(?:packages|scripts|docs|bench|deploy|clients|core|http|store|cli|config|sandbox|limit-keepers|src|test)\//
  for (const path of documents) {
    for (const [, named = ''] of read(path).matchAll(/`((?:[\w.-]+\/)+[\w.-]*)`/g)) {
      // `http/json` is a protocol.
      if (!roots.test(named) || named === 'http/json') continue
      const candidates = [...folders, `${dirname(path)}/`].flatMap((folder) => [
        folder + named,
        `${folder}${named}.ts`,
        `${folder}${named}/index.ts`,
      ])
      assert.ok(
        candidates.some((candidate) => existsSync(join(root, candidate))),
        `${path} names ${named}`,
      )
    }
  }
})

test('every security check cited in code, tests or documents is in docs/security-checks.md, numbered 1 to 100 without a gap', () => {
  const page = read('docs/security-checks.md')
  const numbers = [...page.matchAll(/^(\d+)\. \*\*/gm)].map(([, number]) => Number(number))
  assert.deepEqual(
    numbers,
    Array.from({ length: 100 }, (_, index) => index + 1),
  )
  const faults = [...page.matchAll(/^- \*\*(K\d+)\*\* /gm)].map(([, name]) => name)
  const sources = globSync(['packages/*/{src,test}/**/*.{ts,tsx}', 'bench/**/*.ts', 'scripts/*.ts'], {
    cwd: root,
    exclude: ['**/node_modules'],
  })
  let cited = 0
  for (const path of [...sources, ...documents]) {
    const text = read(path)
    for (const [citation, list = ''] of text.matchAll(/\b[Cc]hecks? (\d+(?:(?:, | and | to )\d+)*)\b/g)) {
      for (const [number] of list.matchAll(/\d+/g)) assert.ok(numbers.includes(Number(number)), `${path}: ${citation}`)
      cited++
    }
    for (const [fault] of text.matchAll(/\bK\d{1,2}\b/g)) assert.ok(faults.includes(fault), `${path}: ${fault}`)
  }
  assert.ok(cited > 300, `${cited} citations`)
})

function headingsOf(path: string): string[] {
  return [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
}

test('every variable in a document is a setting, or belongs to the tests or Node', () => {
  const known = new Set(
    [...Object.values(settingDefinitions), ...commandOnlySettings].flatMap(({ variable }) => [variable, `${variable}_FILE`]),
  )
  for (const path of documents) {
    for (const [, named, set] of read(path).matchAll(/`([A-Z]+_[A-Z_]+)`|\b([A-Z]+_[A-Z_]+)=/g)) {
      const variable = named ?? set ?? ''
      assert.ok(known.has(variable) || /^(?:TEST|NODE)_/.test(variable), `${path}: ${variable}`)
    }
  }
})

test('docs/errors.md has every code of both APIs and no other', () => {
  const text = read('docs/errors.md')
  const told = [...text.matchAll(/^\| `(\d+)` \|/gm)].map(([, code]) => code).sort()
  const codes = Object.values(catalogue).flatMap((entry) => [
    ...('sellerCode' in entry ? [entry.sellerCode] : []),
    ...('memberCode' in entry ? [String(entry.memberCode)] : []),
  ])
  assert.deepEqual(told, codes.sort())
})

test('[check 26] docs/signing.md: every example, recomputed from its text', () => {
  const sections = read('docs/signing.md').split('\n### ').slice(1)
  assert.ok(sections.length >= 6)
  for (const section of sections) {
    const [, key = '', rule] = /^Key `(\w+)`(?:, callback (\w+))?\./m.exec(section) ?? assert.fail(section)
    const [body = '', step3 = '', hmac = ''] = [...section.matchAll(/```\w+\n([^`]*)\n```/g)].map(([, block]) => block)
    const fields = JSON.parse(body) as Record<string, unknown>
    const unsigned = [...memberLogin.unsigned, ...(rule === 'signed' ? [] : ['callback'])] as string[]
    // Written independently, as a partner would from the recipe.
    const names = Object.keys(fields).filter((name) => !unsigned.includes(name) && fields[name] !== '' && fields[name] !== null)
    const canonical = names
      .sort()
      .map((name) => `${name}=${fields[name]}`)
      .join('&')
    assert.equal(step3, `${key}&${canonical}\n${createHash('md5').update(`${key}&${canonical}`).digest('hex')}`)
    assert.equal(hmac, createHmac('sha256', key).update(canonical).digest('hex'))
  }
})

test('docs/signing.md: the command prints what is shown, and the code signs the same', async () => {
  const text = read('docs/signing.md')
  const [, body = '', key = ''] = /echo '([^']+)' \| \.\/node_modules\/\.bin\/lobbykey sign --key (\w+)/.exec(text) ?? assert.fail()
  const { output } = await new CommandLine({}).run(['sign', '--key', key], body)
  assert.ok(text.includes(output))
  const [, code = ''] = /```js\n([^`]*(?:`[^`\n]*`[^`]*)*?)```/.exec(text) ?? assert.fail()
  const module = (await import(`data:text/javascript,${encodeURIComponent(`${code}\nexport { sign }`)}`)) as {
    sign: (fields: object, key: string) => string
  }
  assert.match(output, new RegExp(`${module.sign(JSON.parse(body) as object, key)}\\n$`))
})

test('the read-me is short', () => {
  assert.ok(read('README.md').split('\n').length < 150)
})
