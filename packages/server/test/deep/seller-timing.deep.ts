/** Whether the four refusals of a seller login can be told apart by their time (check 7). Wants a quiet machine. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { startTestGateway } from '../support/gateway.ts'
import { codeOf, login, sellerAdmin, wrongPassword } from '../support/seller-calls.ts'

const samples = 2_000

test('[check 7] unknown, wrong, disabled and locked take the same time, over 2,000 interleaved samples of each', async (context) => {
  const gateway = await startTestGateway({ settings: { argon2MemoryKib: 19_456, argon2Passes: 2 } })
  context.after(() => gateway.close())
  const admin = await sellerAdmin(gateway)
  const { password } = sampleSeller
  for (const name of ['disabled', 'locked']) await admin.add(`${name}@example.com`, password)
  await admin.setStatus('disabled@example.com', 'disabled')
  for (let i = 0; i < 100; i++) {
    await login(gateway, { email: 'locked@example.com', password: wrongPassword, address: `10.0.0.${i}` })
    gateway.clock.advance(60_000)
  }
  const cases = [
    { email: 'unknown@example.com', password, times: [] as number[] },
    { email: sampleSeller.email, password: wrongPassword, times: [] as number[] },
    { email: 'disabled@example.com', password, times: [] as number[] },
    { email: 'locked@example.com', password, times: [] as number[] },
  ]
  for (let i = 0; i < samples; i++) {
    // Past every back-off, and the wrong one never locked itself; only `locked` is.
    gateway.clock.advance(60_000)
    if (i % 4 === 0) for (const { email } of [cases[1], cases[2]] as { email: string }[]) await admin.unlock(email)
    for (let turn = 0; turn < cases.length; turn++) {
      const { times, ...credentials } = cases[(i + turn) % cases.length] as (typeof cases)[0]
      const began = performance.now()
      const answer = await login(gateway, { ...credentials, address: `10.1.${i >> 8}.${i & 255}` })
      times.push(performance.now() - began)
      assert.equal(codeOf(answer), '10006')
    }
  }
  const [unknown, wrong, disabled, locked] = cases.map(({ times }) => times) as [number[], number[], number[], number[]]
  for (const [name, times] of Object.entries({ unknown, disabled, locked })) {
    const difference = Math.abs(median(times) - median(wrong))
    const p = mannWhitney(times, wrong)
    context.diagnostic(`${name}: median ${median(times).toFixed(3)} ms against ${median(wrong).toFixed(3)} ms, p = ${p.toFixed(3)}`)
    assert.ok(difference <= Math.max(1, median(wrong) * 0.02), `${name}: medians differ by ${difference} ms`)
    // Three comparisons share the one per cent (Bonferroni).
    assert.ok(p > 0.01 / 3, `${name}: p = ${p}`)
  }
})

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

/** Two-sided p of the Mann-Whitney U test, by its normal approximation. */
function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const ranked = [...a.map((value) => ({ value, isA: true })), ...b.map((value) => ({ value, isA: false }))].sort(
    (x, y) => x.value - y.value,
  )
  let rankSum = 0
  for (const [index, { isA }] of ranked.entries()) if (isA) rankSum += index + 1
  const u = rankSum - (a.length * (a.length + 1)) / 2
  const deviation = Math.sqrt((a.length * b.length * (a.length + b.length + 1)) / 12)
  return 2 * (1 - normal(Math.abs(u - (a.length * b.length) / 2) / deviation))
}

/** Cumulative normal distribution (Abramowitz and Stegun 26.2.17). */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * z)
  const tail = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * tail
}
