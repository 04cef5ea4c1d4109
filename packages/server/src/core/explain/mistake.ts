import type { SignedCall, SigningProfile } from '@lobbykey/contract'
import type { MistakeKind } from './mistake-kinds.ts'
import type { Pair, Recipe } from './recipe.ts'

/** One way to sign wrongly. */
export interface Mistake {
  readonly kind: MistakeKind
  /** What was done, in one sentence to the integrator. Never contains a key, a digest or a signed text. */
  readonly sentence: string
  /** The field concerned, if it is a single one. */
  readonly field?: string | undefined
  readonly steps: Partial<Recipe>
  /**
   * How widely it is combined: `alone`, with others only last; `key`, also with every wrong key; `any`, also with the usual mistakes in other
   * steps, as it is usual itself; `never`, as it is one of thousands of its kind. Default: `key`.
   */
  readonly reach?: 'never' | 'alone' | 'key' | 'any' | undefined
}

/** Mistakes in one step, or nearly: two of one family are never combined. */
export interface Family {
  /** What is ruled out when none of them fits. */
  readonly ruledOut: string
  /** In order of likelihood: the first that fits is named. */
  readonly mistakes: (attempt: Attempt) => Iterable<Mistake>
}

/** The keys that a signature may have been made with, in plain text. */
export interface KnownKeys {
  /** The valid ones, newest first. */
  readonly active: readonly string[]
  readonly retired?: readonly string[]
  /** Keys of other merchants. */
  readonly others?: readonly string[]
  /** Keys that stand in documentation. */
  readonly published?: readonly string[]
  /** IDs of the merchant's keys, which are shown beside the keys and mistaken for them. */
  readonly ids?: readonly string[]
}

/** The request to explain, as far as its signature is concerned. */
export interface Attempt {
  readonly call: SignedCall
  readonly profile: SigningProfile
  /** The body as sent, with its order and empty fields. */
  readonly body: Readonly<Record<string, unknown>>
  /** The body's text, if known. */
  readonly raw: string | null
  /** Names that the call signs under the profile, ascending. */
  readonly names: readonly string[]
  /** The pairs to sign: those names with non-empty values. */
  readonly pairs: readonly Pair[]
  readonly keys: KnownKeys
  /** Where it was sent, such as `https://login.example.com`, if known. */
  readonly origin: string | null
  /** Some or all fields of an earlier, accepted request of this merchant. */
  readonly prior: Readonly<Record<string, unknown>> | null
}

export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** A value of the body as text. Objects are never signed; JSON.stringify prints them, so that no toString of theirs runs. */
export function asText(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** Names as a list in a sentence: `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
