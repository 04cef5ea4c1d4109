/** Whether timing distinguishes the refusals of a seller login (check 7). Needs a quiet machine. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { hash as bcrypt } from '@node-rs/bcrypt'
import { Sealer } from '../../src/core/base/sealer.ts'
import { findServerSecret } from '../../src/core/base/server-secret.ts'
import { decoyPlace } from '../../src/core/passwords/decoy-hash.ts'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { codeOf, login, sellerAdmin, wrongPassword } from '../support/seller-calls.ts'

const samples = 2_000
const { password } = sampleSeller

test('[check 7] an unknown e-mail takes the time of an existing one, over 2,000 interleaved samples of each', async (context) => {
  const gateway = await startTestGateway({ settings: { argon2MemoryKib: 19_456, argon2Passes: 2 } })
  context.after(() => gateway.close())
  const unlock = await addSellers(gateway)
  const timed = (email: string, tried: string) => ({ email, password: tried, times: [] as number[] })
  const cases = {
    wrong: timed(sampleSeller.email, wrongPassword),
    unknown: timed(await findUnknown(gateway, '$argon2'), password),
    disabled: timed('disabled@example.com', password),
    locked: timed('locked@example.com', password),
    imported: timed('imported@example.com', wrongPassword),
    'unknown, as imported': timed(await findUnknown(gateway, '$2'), password),
  }
  const all = Object.values(cases)
  for (let round = 0; round < samples; round++) {
    // Past every backoff; wrong passwords never lock, except for `locked`.
    gateway.clock.advance(60_000)
    if (round % 4 === 0) await unlock()
    // In random order: a hash is faster after another of its kind, which left its memory warm, so none may always follow the same one.
    for (const { times, ...credentials } of shuffled(all)) {
      const began = performance.now()
      const answer = await login(gateway, { ...credentials, address: `10.1.${round >> 8}.${round & 255}` })
      times.push(performance.now() - began)
      assert.equal(codeOf(answer), '10006')
    }
  }
  const pairs = [
    ['unknown', 'wrong'],
    ['disabled', 'wrong'],
    ['locked', 'wrong'],
    ['unknown, as imported', 'imported'],
  ] as const
  for (const [name, other] of pairs) {
    const [one, two] = [cases[name].times, cases[other].times]
    const difference = Math.abs(median(one) - median(two))
    const p = mannWhitney(one, two)
    const medians = `${median(one).toFixed(3)} ms against ${median(two).toFixed(3)} ms`
    context.diagnostic(`${name} and ${other}: medians ${medians}, p = ${p.toFixed(3)}`)
    assert.ok(difference <= Math.max(1, median(two) * 0.02), `${name}: medians differ by ${difference} ms`)
    // The comparisons share the one per cent (Bonferroni).
    assert.ok(p > 0.01 / pairs.length, `${name}: p = ${p}`)
  }
})

/** Disabled, locked and imported ones. @returns a function that clears the wrong passwords of all but the locked one */
async function addSellers(gateway: TestGateway): Promise<() => Promise<void>> {
  const admin = await sellerAdmin(gateway)
  for (const name of ['disabled', 'locked', 'imported']) await admin.add(`${name}@example.com`, password)
  await admin.setStatus('disabled@example.com', 'disabled')
  const imported = await admin.get('imported@example.com')
  await gateway.store.sellers.replaceHash(imported.id, imported.passwordHash, await bcrypt(password, { cost: 8 }))
  for (let tries = 0; tries < 100; tries++) {
    await login(gateway, { email: 'locked@example.com', password: wrongPassword, address: `10.0.0.${tries}` })
    gateway.clock.advance(60_000)
  }
  return async () => {
    for (const email of [sampleSeller.email, 'disabled@example.com', 'imported@example.com']) await admin.unlock(email)
  }
}

/** An unknown e-mail whose password is checked against a hash with this beginning. */
async function findUnknown({ store, settings }: TestGateway, beginning: string): Promise<string> {
  const secret = await findServerSecret(store.meta, new Sealer(settings.masterKey), 'decoy-hash')
  for (let number = 0; ; number++) {
    const email = `unknown${number}@example.com`
    const { decoyHash } = await store.sellers.findForLogin({ email, addressKey: '', decoyFrom: decoyPlace(secret, email) })
    if (decoyHash?.startsWith(beginning)) return email
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, place: randomInt(2 ** 40) }))
    .sort((one, other) => one.place - other.place)
    .map(({ value }) => value)
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
