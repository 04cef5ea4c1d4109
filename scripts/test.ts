/**
 * `npm test`: every *.test.ts of all packages and scripts/. `npm run test:long`: every *.long.ts, which CI runs, too: browsers, clients in other
 * languages, the explainer under attack, and large stores. `npm run test:deep`: every *.deep.ts, which measure time or take long.
 *
 * npm test -- packages/contract/test/canonical.test.ts    one file npm test -- --name "length extension"                   tests whose title matches
 * npm run test:deep -- --faults                           the faults of docs/security-checks.md, K1 to K16, with a table of figures
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { makeTemplates } from '../packages/server/test/support/stores.ts'
import { bundlePackages } from './bundle-packages.ts'
import { FaultTable } from './fault-table.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    long: { type: 'boolean', default: false },
    deep: { type: 'boolean', default: false },
    faults: { type: 'boolean', default: false },
    name: { type: 'string' },
  },
})
/** Titles of fault tests contain their number: K1, K2 … */
const name = values.faults ? '\\bK\\d+\\b' : values.name

const kinds = values.faults ? '{deep,test}' : values.deep ? 'deep' : values.long ? 'long' : 'test'
const files =
  positionals.length > 0
    ? positionals
    : globSync([`packages/*/test/**/*.${kinds}.ts`, `scripts/**/*.${kinds}.ts`])
        .filter((file) => !values.faults || /['`][^'`\n]*\bK\d+\b/.test(readFileSync(file, 'utf8')))
        .sort()
const skipped: string[] = []

// Each file is a process that loads most of the server: a shared compile cache saves a third of all processor time, bundles another fifth.
const cache = join(import.meta.dirname, '../node_modules/.cache/lobbykey-tests')
process.env.NODE_COMPILE_CACHE ??= cache
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} ${await bundlePackages(cache)}`
const templates = await makeTemplates()
Object.assign(process.env, templates.environment)

const results = run({
  files,
  // Most of a file's time is spent waiting for servers that it starts, so files run in parallel; those that measure time run alone.
  concurrency: values.deep ? 1 : values.long ? 2 : 3,
  timeout: values.deep ? 3_600_000 : values.long ? 600_000 : 120_000,
  ...(name === undefined ? {} : { testNamePatterns: [name] }),
})
const faults = values.faults ? new FaultTable(results) : null
results.on('test:fail', () => {
  process.exitCode = 1
})
results.on('test:pass', ({ name, skip }) => {
  if (skip !== undefined && skip !== false) skipped.push(typeof skip === 'string' ? `${name}: ${skip}` : name)
})
results
  .compose(spec)
  .on('end', async () => {
    await templates.drop()
    reportSkipped()
    faults?.report()
  })
  .pipe(process.stdout)

function reportSkipped(): void {
  const lines = skipped.map((line) => `  ${line}`)
  for (const variable of ['TEST_DATABASE_URL', 'TEST_REDIS_URL']) {
    if (!process.env[variable]) lines.unshift(`  ${variable} is not set: what needs it did not run`)
  }
  if (!values.long) lines.push('  browsers, clients in other languages, and what takes minutes (*.long.ts): npm run test:long')
  if (!values.deep) lines.push('  what measures time or takes long (*.deep.ts): npm run test:deep')
  console.log(`\nSkipped:\n${lines.join('\n')}`)
}
