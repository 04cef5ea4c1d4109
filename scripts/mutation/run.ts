/**
 * `npm run test:mutation`: changes security-critical files in one place at a time and runs the tests that have to notice, on SQLite.
 *
 * npm run test:mutation -- signature lane    targets whose path contains one of these words npm run test:mutation -- --jobs 2          two mutants at
 * a time npm run test:mutation -- --list            lists the mutants without running anything
 *
 * Fails when a file's score is below 90 %, when a mutant survives without an entry in survivors.json, and when an entry there is killed or gone.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { SourceFile } from 'typescript/unstable/ast'
import { bundlePackages } from '../bundle-packages.ts'
import { type Mutant, mutantsOf } from './operators.ts'
import { parse } from './parse.ts'
import { SourceCopy } from './source-copy.ts'
import { type Target, targets } from './targets.ts'

/** Minimum percentage of a file's mutants that its tests must detect. */
const scoreMin = 90
/** A mutant's timeout: a multiple of the tests' time without it, plus some room for a busy machine. */
const timeFactor = 4
const timeRoomMs = 5_000

/** By file: a mutant as `describe` prints it, and why no test can detect it. */
type Survivors = Readonly<Record<string, Readonly<Record<string, string>>>>

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { jobs: { type: 'string', default: '1' }, list: { type: 'boolean', default: false } },
})
const survivors: Survivors = JSON.parse(readFileSync(`${import.meta.dirname}/survivors.json`, 'utf8'))
const chosen = targets.filter(({ file }) => positionals.length === 0 || positionals.some((word) => file.includes(word)))
const parsed = parse(chosen.map(({ file }) => pathOf(file)))
const sources = new Map(chosen.map((target, index) => [target, sourceOf(parsed[index])]))

if (values.list) {
  for (const [{ file }, { text, mutants }] of sources) for (const mutant of mutants) console.log(`${file}: ${describe(text, mutant)}`)
} else {
  const bundles = await bundlePackages(join(import.meta.dirname, '../../node_modules/.cache/lobbykey-tests'))
  const copies = Array.from({ length: Number(values.jobs) }, () => new SourceCopy(bundles))
  try {
    for (const target of chosen) await measure(target, copies)
  } finally {
    for (const copy of copies) copy.remove()
  }
}

function sourceOf(source: SourceFile | undefined): { readonly text: string; readonly mutants: readonly Mutant[] } {
  return source === undefined ? { text: '', mutants: [] } : { text: source.text, mutants: mutantsOf(source) }
}

/** Runs every mutant of a target and reports its score. */
async function measure(target: Target, copies: readonly SourceCopy[]): Promise<void> {
  const { text, mutants } = sources.get(target) ?? { text: '', mutants: [] }
  const path = pathOf(target.file)
  const tests = target.tests.map((test) => `packages/server/test/${test}`)
  const begun = performance.now()
  for (const copy of copies) {
    if ((await copy.test(tests, 300_000)) !== 'passed') throw new Error(`${target.file}: its tests fail without any change`)
  }
  const msMax = ((performance.now() - begun) / copies.length) * timeFactor + timeRoomMs
  const explained = survivors[target.file] ?? {}
  const survived: string[] = []
  let timedOut = 0
  const left = mutants.values()
  const work = async (copy: SourceCopy) => {
    for (const mutant of left) {
      copy.write(path, `${text.slice(0, mutant.start)}${mutant.replacement}${text.slice(mutant.end)}`)
      const outcome = await copy.test(tests, msMax)
      if (outcome === 'timed out') timedOut++
      if (outcome !== 'passed') continue
      const survivor = describe(text, mutant)
      survived.push(survivor)
      if (!(survivor in explained)) console.log(`  survived: ${survivor}`)
    }
    copy.write(path, text)
  }
  await Promise.all(copies.map(work))
  const killed = mutants.length - survived.length
  const score = (100 * killed) / mutants.length
  const seconds = Math.round((performance.now() - begun) / 1_000)
  console.log(`${target.file}: ${killed} of ${mutants.length} killed, ${score.toFixed(1)} % (${timedOut} timed out; ${seconds} s)`)
  const stale = Object.keys(explained).filter((mutant) => !survived.includes(mutant))
  for (const mutant of stale) console.log(`  killed or gone, but in survivors.json: ${mutant}`)
  if (score < scoreMin) console.log(`  below ${scoreMin} %`)
  if (score < scoreMin || stale.length > 0 || survived.some((mutant) => !(mutant in explained))) process.exitCode = 1
}

/** The changed line, and what in it becomes what. Identifies a mutant even if its line moves. */
function describe(text: string, { operator, start, end, replacement }: Mutant): string {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const lineEnd = text.indexOf('\n', start)
  const marked = `${text.slice(lineStart, start)}⟦${firstLine(text.slice(start, Math.min(end, lineEnd)))}⟧${text.slice(Math.min(end, lineEnd), lineEnd)}`
  return `${operator}: ${marked.trim()} → ${firstLine(replacement)}`
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

function pathOf(file: string): string {
  return `packages/server/src/core/${file}`
}
