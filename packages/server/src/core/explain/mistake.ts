import type { SignedCall, SigningProfile } from '@lobbykey/contract'
import type { MistakeKind } from './mistake-kinds.ts'
import type { Pair, Recipe } from './recipe.ts'

/** One way to sign wrongly. */
export interface Mistake {
  readonly kind: MistakeKind
  /** What was done, told to the integrator in one sentence. Never a key, a digest or a signed text. */
  readonly sentence: string
  /** The field it happened to, where it is one. */
  readonly field?: string | undefined
  readonly steps: Partial<Recipe>
  /**
   * How far it is combined: `alone`, with others at last; `key`, also with every wrong key; `any`, also with the usual mistakes in other
   * steps, being usual itself; `never`, being one of thousands of its kind. `key` unless set.
   */
  readonly reach?: 'never' | 'alone' | 'key' | 'any' | undefined
}

/** Mistakes in one step, or nearly one: two of one family are never combined. */
export interface Family {
  /** What is ruled out when none of them fits. */
  readonly ruledOut: string
  /** In order of likelihood: the first that fits is named. */
  readonly mistakes: (attempt: Attempt) => Iterable<Mistake>
}

/** The keys that a signature may have been made with, in clear. */
export interface KnownKeys {
  /** Those that would be right, newest first. */
  readonly active: readonly string[]
  readonly retired?: readonly string[]
  /** Keys of other merchants. */
  readonly others?: readonly string[]
  /** Keys that stand in documentation. */
  readonly published?: readonly string[]
  /** Identifiers of the merchant's keys, which are shown beside them and taken for them. */
  readonly ids?: readonly string[]
}

/** What is to be explained: a request, as far as its signature goes. */
export interface Attempt {
  readonly call: SignedCall
  readonly profile: SigningProfile
  /** The body as it was sent: its order kept, empty fields there. */
  readonly body: Readonly<Record<string, unknown>>
  /** The body's text, where it is known. */
  readonly raw: string | null
  /** Names that the call signs under the profile, ascending. */
  readonly names: readonly string[]
  /** What is to be signed: those of them that are not empty. */
  readonly pairs: readonly Pair[]
  readonly keys: KnownKeys
  /** Where it was sent, such as `https://login.example.com`, where that is known. */
  readonly origin: string | null
  /** Fields, or some of them, of an earlier request of this merchant that was accepted. */
  readonly prior: Readonly<Record<string, unknown>> | null
}

export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** A value of the body as text. Objects are not what is signed; they are printed so that nothing in them is called. */
export function asText(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** Names as a sentence has them: `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
