/** Runs every case against one language's driver, a program that reads a case a line and answers a line. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { escapeHidden } from '@lobbykey/contract/escape-hidden'
import type { ConformanceCase, DriverAnswer, StorageSetUp } from './conformance-case.ts'
import { FakeGateway, type MerchantSetUp } from './fake-gateway.ts'

export const cases = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8')) as ConformanceCase[]

const merchantOptions = { agentId: 'agent001', key: 'a-key-of-tests-0', algorithm: 'md5', callback: 'unsigned' }
const sellerOptions = { email: 'seller@example.com', password: 'sandbox-orchard-lantern' }
/** Where even this process had to wait so long for the processor, times are the machine's and not the client's. */
const stallMs = 100
const playsMax = 5
const isRoot = process.geteuid?.() === 0
const anotherUser = 54_321
const patience = { deadlineMs: 10_000, firstPauseMs: 20 }

/** Plays cases. */
export interface CaseDriver {
  run(work: object): Promise<DriverAnswer>
  close(): void
}

export class Driver implements CaseDriver {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(command: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
    const [program = '', ...args] = command
    this.#child = spawn(program, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
    if (this.#child.stdout === null) throw new Error('the driver has no output')
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async run(work: object): Promise<DriverAnswer> {
    this.#child.stdin?.write(`${JSON.stringify(work)}\n`)
    const { value, done } = await this.#lines.next()
    assert.ok(!done, 'the driver ended')
    return JSON.parse(String(value)) as DriverAnswer
  }

  close(): void {
    this.#child.stdin?.end()
  }
}

export async function runCases(
  context: TestContext,
  driver: CaseDriver,
  isMeant: (conformanceCase: ConformanceCase) => boolean = () => true,
): Promise<void> {
  const gateway = new FakeGateway()
  await gateway.listen()
  context.after(() => gateway.close())
  context.after(() => driver.close())
  for (const conformanceCase of cases.filter(isMeant)) {
    const skip = conformanceCase.storage?.isOfAnother && !isRoot ? 'only root can give a file to another user' : false
    await context.test(conformanceCase.name, { skip }, (one) => playCase(conformanceCase, { gateway, driver }, one))
  }
}

interface Bench {
  readonly gateway: FakeGateway
  readonly driver: CaseDriver
}

/** A case that fails while the machine stalls is played again. One that fails undisturbed, or each time, is a fault. */
async function playCase(conformanceCase: ConformanceCase, bench: Bench, context: TestContext): Promise<void> {
  for (let plays = 1; ; plays++) {
    const delay = monitorEventLoopDelay()
    delay.enable()
    try {
      return await runCase(conformanceCase, bench)
    } catch (error) {
      const longestMs = Math.round(delay.max / 1e6)
      if (longestMs < stallMs || plays === playsMax) throw error
      context.diagnostic(`${conformanceCase.name}: played again, as the machine stalled for ${longestMs} ms: ${error}`)
    } finally {
      delay.disable()
    }
  }
}

async function runCase(conformanceCase: ConformanceCase, { gateway, driver }: Bench): Promise<void> {
  const { client, calls } = conformanceCase
  const options = { ...patience, ...(client === 'merchant' ? merchantOptions : sellerOptions), ...conformanceCase.options }
  const baseUrl = gateway.begin(conformanceCase, { ...merchantOptions, ...options } as unknown as MerchantSetUp)
  const storage = conformanceCase.storage === undefined ? null : makeStorage(conformanceCase.storage)
  for (const { options: refused, names } of conformanceCase.refusals ?? []) {
    const answer = await driver.run({ client, options: { ...options, baseUrl, ...refused }, calls })
    assertRefused(answer, names)
  }
  const began = performance.now()
  const answer = await driver.run({ client, options: { ...options, baseUrl, ...(storage === null ? {} : { storage }) }, calls })
  const tookMs = performance.now() - began

  assert.deepEqual(gateway.faults, [])
  assertResults(conformanceCase, answer)
  if (conformanceCase.requests !== undefined) assert.deepEqual(joined(gateway.requests), conformanceCase.requests)
  if (conformanceCase.distinct !== undefined) assert.equal(new Set(gateway.texts).size, conformanceCase.distinct)
  assertWarnings(conformanceCase, answer)
  const { atLeastMs = 0, atMostMs = Number.POSITIVE_INFINITY } = conformanceCase
  assert.ok(tookMs >= atLeastMs && tookMs <= atMostMs, `${tookMs} ms`)
  if (storage !== null) assertStorage(storage, conformanceCase.storage)
  const secrets = client === 'merchant' ? [String((options as { key?: string }).key).trim()] : ['sandbox-orchard-lantern', 'A1', 'R1']
  for (const secret of secrets) assert.ok(!JSON.stringify(answer).includes(secret), 'a secret shows')
}

/** Each language writes the option's name in its own way. */
function assertRefused({ refused }: DriverAnswer, name: string): void {
  const plain = (text: string) => text.toLowerCase().replaceAll('_', '')
  assert.ok(plain(refused ?? 'made').includes(plain(name)), `${name}: ${refused}`)
}

function assertResults({ calls, results }: ConformanceCase, answer: DriverAnswer): void {
  assert.equal(answer.refused, undefined)
  const expected = results.flatMap((result, at) => Array.from({ length: calls[at]?.times ?? 1 }, () => result))
  assert.equal(answer.results.length, expected.length, JSON.stringify(answer))
  for (const [at, result] of expected.entries()) {
    const { ok, error, thrown } = answer.results[at] ?? {}
    if ('ok' in result) {
      assert.deepEqual(ok === undefined ? (error ?? thrown) : [...ok].sort(), result.ok)
      continue
    }
    if ('thrown' in result) {
      assert.ok(thrown?.includes(result.thrown), JSON.stringify(answer))
      continue
    }
    const { says = '', ...facts } = result.error
    assert.ok(error !== undefined, JSON.stringify(answer))
    assert.deepEqual({ ...error, ...facts }, error)
    assert.ok(error.message.includes(says), error.message)
    if (facts.code !== null) assert.match(error.requestId ?? '', /^fake-\d/)
    if (error.requestId) assert.match(error.message, / \(request ID fake-\d[^()]*\)$/)
    assert.equal(error.message, escapeHidden(error.message))
  }
}

function assertWarnings({ warnings = 0, warns = '' }: ConformanceCase, answer: DriverAnswer): void {
  assert.equal(answer.warnings.length, warnings, answer.warnings.join())
  for (const warning of answer.warnings) assert.equal(warning, escapeHidden(warning))
  assert.ok((answer.warnings[0] ?? '').includes(warns), answer.warnings.join())
}

/** The path of a file of tokens in a folder of its own. */
function makeStorage({ content, mode = '600', isOfAnother = false, isLocked = false }: StorageSetUp): string {
  const path = join(mkdtempSync(join(tmpdir(), 'lobbykey-tokens-')), 'tokens.json')
  if (isLocked) writeFileSync(`${path}.lock`, '', { mode: 0o600 })
  if (content === null) return path
  const now = Date.now()
  const text =
    typeof content === 'string'
      ? content
      : JSON.stringify({ ...content, issuedAt: now + content.issuedAt, expiresAt: now + content.expiresAt })
  writeFileSync(path, text)
  chmodSync(path, mode)
  if (isOfAnother) chownSync(path, anotherUser, anotherUser)
  return path
}

/** Nobody but the owner may read what the client has written, and nothing half written is left; another user's file is as it was. */
function assertStorage(path: string, { mode = '600', isOfAnother = false }: StorageSetUp = { content: null }): void {
  const folder = dirname(path)
  for (const name of readdirSync(folder)) {
    const found = statSync(join(folder, name))
    const isAsItWas = isOfAnother && name === 'tokens.json'
    assert.ok(['tokens.json', 'tokens.json.lock'].includes(name), name)
    assert.equal((found.mode & 0o777).toString(8), isAsItWas ? mode : '600', name)
    assert.equal(found.uid, isAsItWas ? anotherUser : process.geteuid?.(), name)
  }
  assert.equal(typeof JSON.parse(readFileSync(path, 'utf8')).refreshToken, 'string')
  rmSync(folder, { recursive: true })
}

/** Three times `a` in a row is `3 × a`. */
function joined(requests: readonly string[]): string[] {
  const rows: { text: string; count: number }[] = []
  for (const text of requests) {
    const last = rows.at(-1)
    if (last?.text === text) last.count++
    else rows.push({ text, count: 1 })
  }
  return rows.flatMap(({ text, count }) => (count > 3 ? [`${count} × ${text}`] : Array.from({ length: count }, () => text)))
}
