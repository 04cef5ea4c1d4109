import fc from 'fast-check'
import { type ExplainInput, type Explanation, explainSignature } from '../../../src/core/explain/explain-signature.ts'
import { carelessIntegrators, type Integrator } from './careless-integrators.ts'
import { anyRequest, type Request } from './random-requests.ts'

export interface Case {
  readonly causes: readonly string[]
  readonly input: ExplainInput
  readonly explanation: Explanation
  readonly verdict: 'right' | 'unknown' | 'wrong'
}

const seed = 20260114

/** Wrong requests by every integrator in turn, explained and judged. The same each time. */
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

function judge({ causes }: Integrator, input: ExplainInput): Case {
  const explanation = explainSignature(input)
  const named = [explanation, ...explanation.also].map(({ kind }) => kind)
  const isSame = causes.length === named.length && causes.every((kind) => named.includes(kind))
  const verdict = isSame ? 'right' : named.includes('unknown') ? 'unknown' : 'wrong'
  return { causes, input, explanation, verdict }
}
