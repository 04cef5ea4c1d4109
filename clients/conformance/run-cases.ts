/** Runs every case against one language's driver, a program that reads a case a line and answers a line. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import type { ConformanceCase, DriverAnswer } from './conformance-case.ts'
import { FakeGateway, type MerchantSetUp } from './fake-gateway.ts'

export const cases = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8')) as ConformanceCase[]

const merchantOptions = { agentId: 'agent001', key: 'a-key-of-tests-0', algorithm: 'md5', callback: 'unsigned' }
const sellerOptions = { email: 'seller@example.com', password: 'sandbox-orchard-lantern' }
const patience = { deadlineMs: 10_000, firstPauseMs: 20 }

export class Driver {
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

export async function runCases(context: TestContext, driver: Driver): Promise<void> {
  const gateway = new FakeGateway()
  const baseUrl = await gateway.listen()
  context.after(() => gateway.close())
  context.after(() => driver.close())
  for (const conformanceCase of cases) {
    await context.test(conformanceCase.name, () => runCase(conformanceCase, { gateway, driver, baseUrl }))
  }
}

interface Bench {
  readonly gateway: FakeGateway
  readonly driver: Driver
  readonly baseUrl: string
}

async function runCase(conformanceCase: ConformanceCase, { gateway, driver, baseUrl }: Bench): Promise<void> {
  const { client, calls } = conformanceCase
  const options = { ...patience, ...(client === 'merchant' ? merchantOptions : sellerOptions), ...conformanceCase.options }
  gateway.begin(conformanceCase, { ...merchantOptions, ...options } as unknown as MerchantSetUp)
  const began = performance.now()
  const answer = await driver.run({ client, options: { ...options, baseUrl }, calls })
  const tookMs = performance.now() - began

  assert.deepEqual(gateway.faults, [])
  assertResults(conformanceCase, answer)
  if (conformanceCase.requests !== undefined) assert.deepEqual(joined(gateway.requests), conformanceCase.requests)
  if (conformanceCase.distinct !== undefined) assert.equal(new Set(gateway.texts).size, conformanceCase.distinct)
  assert.equal(answer.warnings.length, conformanceCase.warnings ?? 0, answer.warnings.join())
  assert.ok(tookMs >= (conformanceCase.atLeastMs ?? 0), `${tookMs} ms`)
  const secrets = client === 'merchant' ? [String((options as { key?: string }).key).trim()] : ['sandbox-orchard-lantern', 'A1', 'R1']
  for (const secret of secrets) assert.ok(!JSON.stringify(answer).includes(secret), 'a secret shows')
}

function assertResults({ calls, results }: ConformanceCase, answer: DriverAnswer): void {
  const expected = results.flatMap((result, at) => Array.from({ length: calls[at]?.times ?? 1 }, () => result))
  assert.equal(answer.results.length, expected.length, JSON.stringify(answer))
  for (const [at, result] of expected.entries()) {
    const { ok, error } = answer.results[at] ?? {}
    if ('ok' in result) {
      assert.deepEqual(ok === undefined ? error : [...ok].sort(), result.ok)
      continue
    }
    const { says = '', ...facts } = result.error
    assert.ok(error !== undefined, JSON.stringify(answer))
    assert.deepEqual({ ...error, ...facts }, error)
    assert.ok(error.message.includes(says), error.message)
    if (facts.code !== null) assert.match(error.requestId ?? '', /^fake-\d/)
  }
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
