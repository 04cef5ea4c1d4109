/** Every regular expression of the product takes linear time (check 49), as judged by recheck, which matrix/ installs: `cd matrix && npm ci`. */
import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Node, SourceFile } from 'typescript/unstable/ast'
import { isRegularExpressionLiteral } from 'typescript/unstable/ast/is'
import { utf8MediaType } from '../packages/server/src/http/media-type.ts'
import { parse } from './mutation/parse.ts'

const recheck = join(import.meta.dirname, '../matrix/node_modules/recheck/lib/main.js')

/** For a base URL that the program itself passes to its client. */
const trailingSlashes = String.raw`\/+$`

interface Judgement {
  readonly status: 'safe' | 'vulnerable' | 'unknown'
  readonly complexity?: { readonly summary: string }
  readonly attack?: { readonly pattern: string }
}

test('[check 49] every regular expression of the sources is linear', {
  skip: existsSync(recheck) ? false : 'matrix/ is not installed',
}, async (t) => {
  process.env.RECHECK_BACKEND = 'pure'
  const { checkSync } = (await import(pathToFileURL(recheck).href)) as {
    checkSync(source: string, flags: string, options: object): Judgement
  }
  const judge = (source: string, flags: string) => checkSync(source, flags, { timeout: 120_000 })
  assert.equal(judge('^(a+)+$', '').status, 'vulnerable', 'what judges sees an exponential one')
  const problems: string[] = []
  let count = 0
  const isConsole = (file: string) => file.startsWith('packages/console/')
  const files = globSync('packages/*/src/**/*.{ts,tsx}')
  const sources = [
    ...parse(files.filter((file) => !isConsole(file))),
    ...parse(
      files.filter(isConsole).map((file) => file.replace('packages/console/', '')),
      'packages/console',
    ),
  ]
  // Expressions built at run time.
  const built = [utf8MediaType('application/json')]
  for (const { source, flags } of built) if (judge(source, flags).status !== 'safe') problems.push(source)
  for (const file of sources) {
    for (const { source, flags, line } of expressionsOf(file)) {
      count++
      const { status, complexity, attack } = judge(source, flags)
      if (source === trailingSlashes && file.fileName.includes('/packages/client/')) continue
      if (status !== 'safe')
        problems.push(`${file.fileName}:${line} /${source}/${flags}: ${status}, ${complexity?.summary ?? ''}, ${attack?.pattern ?? ''}`)
    }
  }
  t.diagnostic(`${count} regular expressions of ${files.length} files`)
  assert.deepEqual(problems, [])
})

function expressionsOf(file: SourceFile) {
  const found: { source: string; flags: string; line: number }[] = []
  const visit = (node: Node): void => {
    if (isRegularExpressionLiteral(node)) {
      const text = file.text.slice(node.getStart(file), node.end)
      const end = text.lastIndexOf('/')
      found.push({
        source: text.slice(1, end),
        flags: text.slice(end + 1),
        line: file.text.slice(0, node.getStart(file)).split('\n').length,
      })
    }
    node.forEachChild(visit)
  }
  visit(file)
  return found
}
