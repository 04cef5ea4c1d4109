import assert from 'node:assert/strict'
import { canonicalString, signedNames } from '@lobbykey/contract'
import fc from 'fast-check'
import { type ExplainInput, type Explanation, explainSignature, mistakeKinds } from '../../../src/core/explain/explain-signature.ts'
import { signCanonical } from '../../../src/core/members/signature.ts'
import { carelessIntegrators, type Integrator } from './careless-integrators.ts'
import { anyRequest, type Request } from './random-requests.ts'

export interface Case {
  readonly causes: readonly string[]
  readonly input: ExplainInput
  readonly explanation: Explanation
  readonly verdict: 'right' | 'unknown' | 'wrong'
}

const seed = 20260114

/** Wrong requests by every integrator in turn, explained and judged; the same in every run. */
export function* explainedCases(count: number): Generator<Case> {
  const requests = fc.sample(anyRequest, { seed, numRuns: count * 12 })
  let next = 0
  for (let made = 0; made < count; made++) {
    const integrator = carelessIntegrators[made % carelessIntegrators.length] as Integrator
    let input: ExplainInput | null = null
    for (let tries = 0; input === null && tries < 2_000; tries++) {
      input = toInput(integrator, requests[next++ % requests.length] as Request)
    }
    if (input === null) throw new Error(`no request gives occasion for ${integrator.causes.join(' and ')}`)
    yield judge(integrator, input)
  }
}

/** The right cause is named for 98 of 100, a wrong one for fewer than 1 of 200, and no answer contains a secret. */
export function verifyAccuracy(count: number): void {
  const verdicts = { right: 0, unknown: 0, wrong: 0 }
  const causes = new Set<string>()
  for (const { explanation, input, verdict, causes: expected } of explainedCases(count)) {
    verdicts[verdict]++
    causes.add(expected.join(' + '))
    verifySecrecy(explanation, input)
    for (const { kind, sentence, cure } of [explanation, ...explanation.also]) {
      assert.ok(mistakeKinds.includes(kind))
      assert.match(sentence, /^[^\n]{10,400}\.$/)
      assert.match(cure, /^[^\n]{5,400}\.$/)
    }
  }
  assert.ok(causes.size >= 30)
  assert.ok(verdicts.right >= 0.98 * count, JSON.stringify(verdicts))
  assert.ok(verdicts.wrong < 0.005 * count, JSON.stringify(verdicts))
}

/** It contains nothing that could be used to sign: no key, no digest of this body under any key, no signed text, no token. */
export function verifySecrecy(explanation: Explanation, { call, keys, body }: ExplainInput): void {
  const told = JSON.stringify(explanation).toLowerCase()
  const secrets = [...keys.active, ...(keys.retired ?? []), ...(keys.others ?? [])]
  const fields = typeof body === 'string' ? parsed(body) : body
  for (const callback of ['signed', 'unsigned'] as const) {
    const canonical = canonicalString(fields, signedNames(call, callback))
    if (canonical !== '') secrets.push(canonical)
    for (const key of keys.active) {
      for (const algorithm of ['md5', 'hmac-sha256'] as const) {
        const digest = signCanonical(canonical, key, algorithm)
        secrets.push(digest.toString('hex'), digest.toString('base64'), digest.toString('hex').slice(0, 8))
      }
    }
  }
  if (typeof fields.token === 'string' && fields.token.length > 8) secrets.push(fields.token)
  for (const secret of secrets) assert.ok(!told.includes(secret.toLowerCase()), `${explanation.kind} tells ${secret}`)
}

function parsed(body: string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(body) as object) }
  } catch {
    return {}
  }
}

function toInput(integrator: Integrator, request: Request): ExplainInput | null {
  const sent = integrator.send(request)
  if (sent === null) return null
  const timestamp = Number(request.fields.timestamp)
  return {
    call: request.call,
    profile: request.profile,
    body: sent.raw ?? JSON.stringify(sent.body),
    keys: { active: [request.key], retired: [request.retiredKey], others: [request.foreignKey], published: ['l4gnD61pz4arJyv8'] },
    now: sent.now ?? timestamp + 120,
    prior: sent.prior ?? null,
  }
}

/** Every cause has to be named, and no other. */
function judge({ causes }: Integrator, input: ExplainInput): Case {
  const explanation = explainSignature(input)
  const named = [explanation, ...explanation.also].map(({ kind }) => kind)
  const isSame = causes.length === named.length && causes.every((kind) => named.includes(kind))
  const verdict = isSame ? 'right' : named.includes('unknown') ? 'unknown' : 'wrong'
  return { causes, input, explanation, verdict }
}
