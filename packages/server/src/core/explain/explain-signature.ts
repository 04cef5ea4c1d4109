/**
 * "Why is my signature invalid?": the likeliest mistake in a request that was refused with 600100, or with 408000 on `sign` or
 * `timestamp`, in one sentence with its cure.
 *
 * It tells which form of signing fits, and no more: never a key, a right digest or a signed text. No answer depends on a part of a
 * digest or of a key: whoever asks learns nothing about a key that they do not hold (check 92). Pure: it reads no store or clock.
 *
 * `mistakes/` has the mistakes by family, `search.ts` tries them within a bound, `request-faults.ts` sees what needs no key.
 */
import {
  isUnambiguousCallback,
  type SignedCall,
  type SigningProfile,
  signedNames,
  signingAlgorithms,
  timestampWindowText,
} from '@lobbykey/contract'
import { type Attempt, asText, isEmpty, type KnownKeys } from './mistake.ts'
import { cureOf, type MistakeKind } from './mistake-kinds.ts'
import { otherAlgorithmUsed } from './mistakes/digest-mistakes.ts'
import type { Pair } from './recipe.ts'
import { type Fault, findClockFault, findFieldFault, readBody } from './request-faults.ts'
import { type Finding, findMistakes } from './search.ts'
import { readSign } from './sign-readings.ts'

export type { KnownKeys } from './mistake.ts'
export { type MistakeKind, mistakeKinds } from './mistake-kinds.ts'

export interface ExplainInput {
  readonly call: SignedCall
  /** The body as it was sent: its text, which tells more, or parsed with its order kept. */
  readonly body: string | Readonly<Record<string, unknown>>
  /** In clear. They are used to hash, and never told. */
  readonly keys: KnownKeys
  readonly profile: SigningProfile
  /** The server's time when the request came, ms; null where it is not known, or was accepted: the clocks are then not compared. */
  readonly now: number | null
  /** Fields, or some of them, of a request of this merchant that was accepted before. */
  readonly prior?: Readonly<Record<string, unknown>> | null
  /** Asked now and then; false cuts the search short. */
  readonly hasTime?: () => boolean
}

/** One thing that is wrong, and what to do about it. */
export interface Cause {
  readonly kind: MistakeKind
  readonly sentence: string
  readonly cure: string
  readonly field?: string
}

/** The cause that the server meets first. */
export interface Explanation extends Cause {
  /** What else is wrong with the same request. */
  readonly also: readonly Cause[]
  /** What it is not, where no cause of a wrong signature was found. */
  readonly ruledOut: readonly string[]
}

/** Explains one request. Costs tens of milliseconds; about 20,000 digests when nothing fits. */
export function explainSignature(input: ExplainInput): Explanation {
  const { body, fault } = typeof input.body === 'string' ? readBody(input.body) : { body: input.body, fault: null }
  const faults: Fault[] = asList(fault)
  if (body === null) return explanationOf(faults, [], input)

  const attempt = toAttempt(input, body)
  const fieldFault = findFieldFault(input.call, body)
  const signFault = fieldFault?.field === 'sign' ? fieldFault : null
  const isTold = fault?.field !== undefined && fault.field === fieldFault?.field
  if (signFault === null && !isTold) faults.push(...asList(fieldFault))
  const { digestFaults, ruledOut } = explainDigest(attempt, body.sign, signFault, input.hasTime)
  // A malformed sign is met where the fields are read, before the clocks are compared.
  if (signFault !== null) faults.push(...digestFaults)
  faults.push(...asList(findClockFault(body.timestamp, input.now)), ...asList(findCallbackFault(attempt)))
  if (signFault === null) faults.push(...digestFaults)
  return explanationOf(faults.length === 0 ? [rightSignature(input.now)] : faults, ruledOut, input)
}

function explanationOf(faults: readonly Fault[], ruledOut: readonly string[], { profile }: ExplainInput): Explanation {
  const [first, ...also] = faults.map(
    ({ kind, sentence, field }): Cause => ({
      kind,
      sentence,
      cure: cureOf(kind, profile.algorithm),
      ...(field === undefined ? {} : { field }),
    }),
  )
  if (first === undefined) throw new Error('an explanation has a cause')
  return { ...first, also, ruledOut }
}

function toAttempt({ call, profile, keys, body: given, prior }: ExplainInput, body: Readonly<Record<string, unknown>>): Attempt {
  const names = signedNames(call, profile.callback)
  const pairs = names.filter((name) => !isEmpty(body[name])).map((name): Pair => [name, asText(body[name])])
  return { call, profile, keys, body, names, pairs, raw: typeof given === 'string' ? given.trim() : null, prior: prior ?? null }
}

interface DigestExplanation {
  /** None when the signature is right. */
  readonly digestFaults: readonly Fault[]
  readonly ruledOut: readonly string[]
}

/** What is wrong with the signature itself. */
function explainDigest(attempt: Attempt, sign: unknown, signFault: Fault | null, hasTime: ExplainInput['hasTime']): DigestExplanation {
  const readings = typeof sign === 'string' ? readSign(sign) : []
  if (sign === sampleSign) return { digestFaults: [sampleFault], ruledOut: [] }
  if (readings.length === 0) return { digestFaults: asList(signFault), ruledOut: [] }
  const { finding, ruledOut } = findMistakes(attempt, readings, hasTime)
  // By its length alone: whether the digits that are there are right is nobody's to learn.
  if (finding === null && signFault?.kind === 'sign-cut') return { digestFaults: [signFault], ruledOut: [] }
  if (finding === null) return { digestFaults: [...asList(signFault), notFound(attempt)], ruledOut }
  const digestFaults = [...asList(writtenWrongly(finding)), ...asList(otherAlgorithmFault(finding, attempt)), ...finding.mistakes]
  return { digestFaults, ruledOut: [] }
}

/** The `sign` of the source's sample request, which no key gives. */
const sampleSign = '7776e923ffee88bbd5293fa8ad4a9919'
const sampleFault: Fault = {
  kind: 'sign-sample',
  sentence: "sign is the placeholder of the documentation's sample request.",
  field: 'sign',
}

/** The digest is known: how `sign` writes it. */
function writtenWrongly({ reading }: Finding): Fault | null {
  return reading.fault === null ? null : { ...reading.fault, field: 'sign' }
}

function otherAlgorithmFault({ otherAlgorithm }: Finding, { profile }: Attempt): Fault | null {
  return otherAlgorithm === null ? null : otherAlgorithmUsed(signingAlgorithms[otherAlgorithm], signingAlgorithms[profile.algorithm])
}

function notFound({ keys }: Attempt): Fault {
  return keys.active.length === 0
    ? {
        kind: 'key-unknown',
        sentence: 'The key that would be right is not known here, and the signature is none that can be told without it.',
      }
    : { kind: 'unknown', sentence: 'The signature is not that of this body, and none of the usual mistakes gives it.' }
}

function rightSignature(now: number | null): Fault {
  const unseen = now === null ? ` Whether timestamp was within ${timestampWindowText} of the server's clock is not known here.` : ''
  return { kind: 'signature-right', sentence: `The signature is right for this body.${unseen}` }
}

/** Looked at with the signature: a signed callback may not hold what could pass for other fields. */
function findCallbackFault({ body, names }: Attempt): Fault | null {
  const { callback } = body
  if (typeof callback !== 'string' || !names.includes('callback') || isUnambiguousCallback(callback, names)) return null
  const sentence = 'callback must not hold & followed by the name of a field and =, when it is signed.'
  return { kind: 'field-rule', sentence, field: 'callback' }
}

function asList<T>(item: T | null): T[] {
  return item === null ? [] : [item]
}
