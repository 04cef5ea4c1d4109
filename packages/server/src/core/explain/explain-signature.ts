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
import { type Attempt, asText, isEmpty, type KnownKeys, type Mistake } from './mistake.ts'
import { cureOf, type MistakeKind } from './mistake-kinds.ts'
import { otherAlgorithmUsed } from './mistakes/digest-mistakes.ts'
import type { Pair } from './recipe.ts'
import { type Fault, findClockFault, findFieldFault, readBody } from './request-faults.ts'
import { type Finding, findMistakes } from './search.ts'
import { readSign } from './sign-readings.ts'
import { explainText, type TextDifference } from './text/explain-text.ts'
import { isRightText } from './text/given-text.ts'

export type { KnownKeys } from './mistake.ts'
export { type MistakeKind, mistakeKinds } from './mistake-kinds.ts'

export interface ExplainInput {
  readonly call: SignedCall
  /** The body as sent: its text, which tells more, or parsed with its order kept. */
  readonly body: string | Readonly<Record<string, unknown>>
  /** In plain text. They are only hashed with, never disclosed. */
  readonly keys: KnownKeys
  readonly profile: SigningProfile
  /** The server's time when the request arrived, ms; null if unknown or if the timestamp was accepted: clocks are then not compared. */
  readonly now: number | null
  /** Where it was sent, such as `https://login.example.com`; null if unknown. */
  readonly origin?: string | null
  /** Some or all fields of an earlier, accepted request of this merchant. */
  readonly prior?: Readonly<Record<string, unknown>> | null
  /** The hashed text as the caller's program printed it, with KEY in place of the key. */
  readonly text?: string | null
  /** A line of code that prints that text, suggested when none was given. */
  readonly printLine?: string | null
  /** Polled during the search; false ends it early. */
  readonly hasTime?: () => boolean
}

/** One thing that is wrong, and what to do about it. */
export interface Cause {
  readonly kind: MistakeKind
  readonly sentence: string
  readonly cure: string
  readonly field?: string
}

/** The cause that the server finds first. */
export interface Explanation extends Cause {
  /** What else is wrong with the request. */
  readonly also: readonly Cause[]
  /** What it is not, if the cause of a wrong signature was not found. */
  readonly ruledOut: readonly string[]
  /** How the given text, which was signed, differs from the right one. */
  readonly difference?: TextDifference
}

/** Explains one request. Costs milliseconds where one mistake fits; some 100,000 digests, a quarter of a second, where nothing does. */
export function explainSignature(input: ExplainInput): Explanation {
  const { body, fault } = typeof input.body === 'string' ? readBody(input.body) : { body: input.body, fault: null }
  const faults: Fault[] = asList(fault)
  if (body === null) return explanationOf(faults, [], input)

  const attempt = toAttempt(input, body)
  const fieldFault = findFieldFault(input.call, body)
  const signFault = fieldFault?.field === 'sign' ? fieldFault : null
  const isTold = fault?.field !== undefined && fault.field === fieldFault?.field
  if (signFault === null && !isTold) faults.push(...asList(fieldFault))
  const { digestFaults, ruledOut, difference } = explainDigest(attempt, body.sign, signFault, input)
  // A malformed sign is met where the fields are read, before the clocks are compared.
  if (signFault !== null) faults.push(...digestFaults)
  faults.push(...asList(findClockFault(body.timestamp, input.now)), ...asList(findCallbackFault(attempt)))
  if (signFault === null) faults.push(...digestFaults)
  const explanation = explanationOf(faults.length === 0 ? [rightSignature(input.now)] : faults, ruledOut, input)
  return difference === undefined ? explanation : { ...explanation, difference }
}

function explanationOf(faults: readonly Fault[], ruledOut: readonly string[], input: ExplainInput): Explanation {
  const [first, ...also] = faults.map(
    ({ kind, sentence, field }): Cause => ({
      kind,
      sentence,
      cure: kind === 'unknown' && !hasText(input) ? askForText(input) : cureOf(kind, input.profile.algorithm),
      ...(field === undefined ? {} : { field }),
    }),
  )
  if (first === undefined) throw new Error('an explanation has a cause')
  return { ...first, also, ruledOut }
}

function toAttempt({ call, profile, keys, body: given, prior, origin }: ExplainInput, body: Readonly<Record<string, unknown>>): Attempt {
  const names = signedNames(call, profile.callback)
  const pairs = names.filter((name) => !isEmpty(body[name])).map((name): Pair => [name, asText(body[name])])
  const raw = typeof given === 'string' ? given.trim() : null
  return { call, profile, keys, body, names, pairs, raw, prior: prior ?? null, origin: origin ?? null }
}

interface DigestExplanation {
  /** None when the signature is right. */
  readonly digestFaults: readonly Fault[]
  readonly ruledOut: readonly string[]
  readonly difference?: TextDifference | undefined
}

/** What is wrong with the signature itself. */
function explainDigest(attempt: Attempt, sign: unknown, signFault: Fault | null, input: ExplainInput): DigestExplanation {
  const readings = typeof sign === 'string' ? readSign(sign) : []
  if (sign === sampleSign) return { digestFaults: [sampleFault], ruledOut: [] }
  if (readings.length === 0) return { digestFaults: asList(signFault), ruledOut: [] }
  const text = hasText(input) ? input.text : null
  const byText = text === null ? null : explainText(attempt, readings, text, input.hasTime)
  if (byText !== null) return { ...byText, ruledOut: [] }
  const { finding, ruledOut } = findMistakes(attempt, readings, input.hasTime)
  // By its form alone: nobody may learn whether the digits present are right.
  if (finding === null && (signFault?.kind === 'sign-cut' || signFault?.kind === 'sign-appended'))
    return { digestFaults: [signFault], ruledOut: [] }
  if (finding === null) return { digestFaults: [...asList(signFault), notFound(attempt, text)], ruledOut }
  const written = writtenWrongly(finding)
  const digestFaults = [
    // The way it is written may already explain the digest, such as a UUID.
    ...asList(finding.mistakes.some(({ kind }) => kind === written?.kind) ? null : written),
    ...asList(otherAlgorithmFault(finding, attempt)),
    ...functionFirst(finding.mistakes),
  ]
  return { digestFaults, ruledOut: [] }
}

function hasText(input: ExplainInput): input is ExplainInput & { readonly text: string } {
  return typeof input.text === 'string' && input.text !== ''
}

/** Asks for the hashed text, which makes the answer certain where guessing failed. */
function askForText({ printLine }: ExplainInput): string {
  const how = printLine == null ? '' : `, such as by \`${printLine}\``
  return `Print the text right before it is hashed, with KEY in the key's place${how}, and ask again with it: \`lobbykey explain --text FILE\`, the second field of the playground, or \`text\` beside \`body\`. Then the answer is exact.`
}

/** The `sign` of the source's sample request, which no key gives. */
const sampleSign = '7776e923ffee88bbd5293fa8ad4a9919'
const sampleFault: Fault = {
  kind: 'sign-sample',
  sentence: "sign is the placeholder of the documentation's sample request.",
  field: 'sign',
}

/** How `sign` is written, when its digest is known. */
function writtenWrongly({ reading }: Finding): Fault | null {
  return reading.fault === null ? null : { ...reading.fault, field: 'sign' }
}

/** The wrong function first: with it, no other fix helps. */
function functionFirst(mistakes: readonly Mistake[]): Mistake[] {
  return [...mistakes].sort((a, b) => Number(b.steps.digest !== undefined) - Number(a.steps.digest !== undefined))
}

function otherAlgorithmFault({ otherAlgorithm }: Finding, { profile }: Attempt): Fault | null {
  return otherAlgorithm === null ? null : otherAlgorithmUsed(signingAlgorithms[otherAlgorithm], signingAlgorithms[profile.algorithm])
}

function notFound(attempt: Attempt, text: string | null): Fault {
  if (text !== null && isRightText(attempt, text)) {
    return {
      kind: 'text-right',
      sentence: 'Your text is right; what your code does with it is wrong, in a way that the explainer does not know.',
    }
  }
  if (text !== null) {
    const sentence =
      'The text that you gave does not produce this sign in any way that was tried: another text was hashed, or with another key.'
    return { kind: 'unknown', sentence }
  }
  return attempt.keys.active.length === 0
    ? {
        kind: 'key-unknown',
        sentence: 'The right key is not known here, and without it this signature cannot be explained.',
      }
    : { kind: 'unknown', sentence: 'The signature does not match this body, and none of the usual mistakes explains it.' }
}

function rightSignature(now: number | null): Fault {
  const unseen = now === null ? ` Whether timestamp was within ${timestampWindowText} of the server's clock is not known here.` : ''
  return { kind: 'signature-right', sentence: `The signature is right for this body.${unseen}` }
}

/** Checked with the signature: a signed callback must not contain what could pass for other fields. */
function findCallbackFault({ body, names }: Attempt): Fault | null {
  const { callback } = body
  if (typeof callback !== 'string' || !names.includes('callback') || isUnambiguousCallback(callback, names)) return null
  const sentence = 'A signed callback must not contain & followed by a field name and =.'
  return { kind: 'field-rule', sentence, field: 'callback' }
}

function asList<T>(item: T | null): T[] {
  return item === null ? [] : [item]
}
