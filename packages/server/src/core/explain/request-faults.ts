import {
  bodyBytesMax,
  bodyBytesText,
  compileFields,
  dropEmpty,
  isGatewayError,
  parseStrictJson,
  type SignedCall,
  StrictJsonError,
  signatureDigits,
  signingAlgorithms,
  timestampWindowMs,
  timestampWindowText,
} from '@lobbykey/contract'
import type { MistakeKind } from './mistake-kinds.ts'
import { isAppendedToText, isLossyHex, undecorate } from './sign-readings.ts'

/** Something wrong with a request that shows without its key, in one sentence. */
export interface Fault {
  readonly kind: MistakeKind
  readonly sentence: string
  readonly field?: string | undefined
}

/** Bytes of the largest body that the server takes. */

/** Reads as much of a body as is readable; `fault` says why the server would refuse it. `body` is null when nothing is readable. */
export function readBody(text: string): { body: Record<string, unknown> | null; fault: Fault | null } {
  if (Buffer.byteLength(text) > bodyBytesMax) return { body: null, fault: unreadable(text, `it is larger than ${bodyBytesText}`) }
  try {
    return { body: parseStrictJson(text, { depthMax: 5, keysMax: 64, plainNumbers: true }), fault: null }
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error
    // Other faults have nothing to do with signing, and the body may be nested too deep to walk.
    const isReadable = /written in plain digits$|appears twice$/.test(error.message)
    return { body: isReadable ? looselyParsed(text) : null, fault: unreadable(text, error.message) }
  }
}

function looselyParsed(text: string): Record<string, unknown> | null {
  try {
    // Keeps exponents and fractions as written, to report what was sent.
    const value: unknown = JSON.parse(text, (_key, item, context?: { source?: string }) =>
      typeof item === 'number' && context?.source !== undefined && !/^[0-9]+$/.test(context.source) ? context.source : item,
    )
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function unreadable(text: string, problem: string): Fault {
  if (/^\s*agent_id=|&[a-z_]+=/.test(text)) {
    return { kind: 'body-unreadable', sentence: 'The body is form-encoded, name=value&name=value, instead of JSON.' }
  }
  if (problem.startsWith('timestamp ')) {
    const fields = looselyParsed(text)
    const fault = fields === null ? null : timestampFormFault(fields.timestamp)
    if (fault !== null) return fault
  }
  return { kind: 'body-unreadable', sentence: `The server does not accept the body: ${problem.replace(/[^ -~]/g, '?')}.` }
}

/** The first field that breaks its rule, as the server would find it; for `sign` and `timestamp` with the reason. */
export function findFieldFault(call: SignedCall, body: Readonly<Record<string, unknown>>): Fault | null {
  try {
    verifierOf(call)(dropEmpty(structuredClone(body), call.schema.properties, call.clearable))
    return null
  } catch (error) {
    if (!isGatewayError(error)) throw error
    const field = error.details.field ?? ''
    if (field === 'sign') return signFormFault(body.sign)
    if (field === 'timestamp')
      return timestampFormFault(body.timestamp) ?? { kind: 'timestamp-form', sentence: 'The timestamp is malformed.', field }
    return { kind: 'field-rule', sentence: `${error.details.message ?? `${field} is not within its rule`}.`, field }
  }
}

const digitsByLabel = Object.values(signingAlgorithms)
  .map(({ label, digits }) => `${label} has ${digits}`)
  .join(' and ')

const placeholders =
  /^(?:undefined|null|none|nil|nan|true|false|sign|string|signature|x+|your_sign|\[object \w+\]|\[B@[0-9a-f]+|function\b.*|<.*>|\{.*\}|md5\(.*\))$/is

const verifiers = new WeakMap<SignedCall, ReturnType<typeof compileFields>>()

/** Compiled once a call. */
function verifierOf(call: SignedCall): ReturnType<typeof compileFields> {
  const verify = verifiers.get(call) ?? compileFields(call.schema)
  verifiers.set(call, verify)
  return verify
}

/** Why a `sign` is refused before it is compared. How it was made is left to the search. */
export function signFormFault(sign: unknown): Fault {
  const field = 'sign'
  if (sign === undefined || sign === null || sign === '') return { kind: 'sign-missing', sentence: 'sign is missing or empty.', field }
  if (typeof sign !== 'string') {
    const sentence = `sign is ${Array.isArray(sign) ? 'a list' : `a JSON ${typeof sign}`} instead of a string of hex digits.`
    return { kind: 'sign-not-text', sentence, field }
  }
  if (placeholders.test(sign.trim())) {
    return { kind: 'sign-placeholder', sentence: 'sign holds a placeholder or the text of an empty variable instead of a digest.', field }
  }
  if (isAppendedToText(sign)) {
    const sentence =
      "sign is the text itself followed by the digest of nothing, as Go's Sum(text) gives: a key in that text was sent in clear."
    return { kind: 'sign-appended', sentence, field }
  }
  if (/^[0-9a-f]+$/i.test(sign)) {
    if (isLossyHex(sign)) {
      return { kind: 'sign-binary', sentence: "The digest's raw bytes were read as text before sign was made of them.", field }
    }
    const hash = { 40: 'SHA-1', 56: 'SHA-224', 96: 'SHA-384', 128: 'SHA-512' }[sign.length]
    if (hash !== undefined) {
      return { kind: 'wrong-hash', sentence: `sign has ${sign.length} hex digits, as ${hash} gives; that is another algorithm.`, field }
    }
    if (
      sign.length < Math.min(...signatureDigits) ||
      signatureDigits.some((digits) => digits - sign.length === 1 || digits - sign.length === 2)
    )
      return {
        kind: 'sign-cut',
        sentence: `sign has only ${sign.length} hex digits, and ${digitsByLabel}: it was cut, or lost zeros.`,
        field,
      }
    return { kind: 'sign-form', sentence: `sign has ${sign.length} hex digits; ${digitsByLabel}.`, field }
  }
  const { bare, sentence } = undecorate(sign)
  if (/^[0-9a-f]+$/i.test(bare) && signatureDigits.includes(bare.length)) return { kind: 'sign-decorated', sentence, field }
  if (/[^\x20-\x7e]/.test(sign.trim()) || /\\x[0-9a-f]{2}/.test(sign)) {
    return { kind: 'sign-binary', sentence: "sign holds the digest's raw bytes instead of hex digits.", field }
  }
  if (/^[^0-9A-Za-z]*(?:[A-Za-z]{1,10}[^0-9A-Za-z]+)?-?[0-9]+(?:[,\s]+-?[0-9]+){15,63}[^0-9A-Za-z]*$/.test(sign)) {
    return { kind: 'sign-as-numbers', sentence: "sign lists the digest's bytes as numbers instead of hex digits.", field }
  }
  if (/^(?:b?["'])?(?:[A-Za-z0-9+/_-]|%2[BF]){20,}(?:=|%3D){0,2}["']?$/i.test(sign.trim())) {
    return { kind: 'sign-base64', sentence: 'sign is in base64 instead of hex.', field }
  }
  return { kind: 'sign-form', sentence: 'sign is not made of hex digits.', field }
}

/** Why a timestamp is refused for its form; null if it is well-formed. */
export function timestampFormFault(timestamp: unknown): Fault | null {
  const field = 'timestamp'
  if (timestamp === undefined || timestamp === null || timestamp === '') {
    return { kind: 'timestamp-missing', sentence: 'timestamp is missing or empty.', field }
  }
  if (typeof timestamp !== 'number' && typeof timestamp !== 'string') {
    return { kind: 'timestamp-form', sentence: `timestamp is a JSON ${typeof timestamp} instead of a number.`, field }
  }
  const text = String(timestamp).trim()
  if (/^[0-9]{13}$/.test(String(timestamp))) return null
  if (/^[0-9]{10}(?:[.,][0-9]+)?$/.test(text)) {
    return { kind: 'timestamp-in-seconds', sentence: 'timestamp is in seconds instead of milliseconds.', field }
  }
  if (/^[0-9]{16}$|^[0-9]{19}$/.test(text)) {
    const sentence = `timestamp is in ${text.length === 16 ? 'microseconds' : 'nanoseconds'} instead of milliseconds.`
    return { kind: 'timestamp-too-fine', sentence, field }
  }
  const hasNamedDay = /[A-Z][a-z]{2}/.test(text) && /[0-9]{2}:[0-9]{2}/.test(text)
  if (hasNamedDay || /[0-9]{1,4}[-/. ][0-9A-Za-z]{1,3}[-/. ][0-9]{1,4}|^(?:19|20)[0-9]{12}$/.test(text)) {
    return { kind: 'timestamp-as-date', sentence: 'timestamp is a date instead of milliseconds since 1970.', field }
  }
  const sentence = /^-?[0-9.,_' ]+(?:e[+-]?[0-9]+)?[a-z]{0,3}$/i.test(text)
    ? 'timestamp is a number, but not written as 13 plain digits.'
    : 'timestamp is not a number of milliseconds.'
  return { kind: 'timestamp-form', sentence, field }
}

const halfHourMs = 1_800_000
/** A clock in another time zone is off by half hours, give or take this. */
const zoneToleranceMs = 60_000
/** Time zones range from UTC-11 to UTC+14. */
const zoneHoursMax = { behind: 11, 'ahead of': 14 } as const
const twelveHoursMs = 12 * 3_600_000

/** Why a well-formed timestamp is too far from the server's clock; null if it is not, or if the clock is unknown. */
export function findClockFault(timestamp: unknown, now: number | null): Fault | null {
  if (now === null || timestampFormFault(timestamp) !== null) return null
  const aheadMs = Number(timestamp) - now
  const awayMs = Math.abs(aheadMs)
  if (!(awayMs > timestampWindowMs)) return null
  const way = aheadMs > 0 ? 'ahead of' : 'behind'
  const halfHours = Math.round(awayMs / halfHourMs)
  if (way === 'behind' && Math.abs(awayMs - twelveHoursMs) <= zoneToleranceMs) {
    return {
      kind: 'timestamp-behind',
      sentence: `timestamp is 12 h behind the server's clock: an afternoon time was read as a morning one, as when hours are written with hh (1 to 12) instead of HH (0 to 23).`,
      field: 'timestamp',
    }
  }
  if (halfHours > 0 && halfHours <= 2 * zoneHoursMax[way] && Math.abs(awayMs - halfHours * halfHourMs) <= zoneToleranceMs) {
    return {
      kind: 'timestamp-time-zone',
      sentence: `timestamp is ${duration(halfHours * halfHourMs)} ${way} the server's clock: local time was taken for UTC.`,
      field: 'timestamp',
    }
  }
  const reason = aheadMs > 0 ? "the caller's clock is fast" : "the caller's clock is slow, or the request was sent long after it was made"
  return {
    kind: aheadMs > 0 ? 'timestamp-ahead' : 'timestamp-behind',
    sentence: `timestamp is ${duration(awayMs)} ${way} the server's clock, and at most ${timestampWindowText} is allowed: ${reason}.`,
    field: 'timestamp',
  }
}

/** `2 d 3 h`, `7 h 30 min`, `11 min 5 s`: the two largest units. */
function duration(ms: number): string {
  let seconds = Math.round(ms / 1000)
  const parts: string[] = []
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(seconds / size)
    seconds -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
  }
  return parts.slice(0, 2).join(' ')
}
