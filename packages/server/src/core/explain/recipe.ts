import { createHmac, hash } from 'node:crypto'
import { type KeyUse, type SigningAlgorithmId, type SigningHash, signingAlgorithms } from '@lobbykey/contract'

/** A field as it goes into the signed text. */
export type Pair = readonly [name: string, text: string]

/**
 * How a signature is made, step by step. The published way is one recipe; a mistake changes one step, and two mistakes in
 * different steps are one recipe with both.
 */
export interface Recipe {
  /** Which fields are signed. */
  readonly select: (pairs: readonly Pair[]) => readonly Pair[]
  /** How one field is written. */
  readonly print: (pair: Pair) => Pair
  readonly order: (pairs: readonly Pair[]) => readonly Pair[]
  readonly join: (pairs: readonly Pair[]) => string
  readonly key: string
  /** Where the key stands in the text. */
  readonly place: (text: string, key: string) => string
  /** The text as bytes; a string stands for its UTF-8. */
  readonly encode: (text: string) => string | Uint8Array
  readonly digest: Digest
}

/** Gives hex digits in lower case. */
export type Digest = (message: string | Uint8Array, key: string) => string

/** The published recipe under an algorithm (member-login.md, Signature), with this key. */
export function rightRecipe(algorithm: SigningAlgorithmId, key: string): Recipe {
  const common = { select: asIs, print: asIs, order: byName, join: query, key, encode: asIs }
  const { keyUse, hash } = signingAlgorithms[algorithm]
  return { ...common, ...rightSteps[keyUse](hash) }
}

const rightSteps: Readonly<Record<KeyUse, (hash: SigningHash) => Pick<Recipe, 'place' | 'digest'>>> = {
  'key-in-text': (hash) => ({ place: keyAndText, digest: hashOf(hash) }),
  hmac: (hash) => ({ place: textOnly, digest: hmacOf(hash) }),
}

/** The fields as one text, before the key is added. */
export function textOf({ select, print, order, join }: Recipe, pairs: readonly Pair[]): string {
  return join(order(select(pairs).map(print)))
}

export const asIs = <T>(value: T): T => value

export const keyAndText: Recipe['place'] = (text, key) => `${key}&${text}`
export const textOnly: Recipe['place'] = (text) => text

export function byName(pairs: readonly Pair[]): Pair[] {
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

export function joinWith(assign: string, separator: string): Recipe['join'] {
  return (pairs) => pairs.map(([name, text]) => `${name}${assign}${text}`).join(separator)
}

/** The fields as the published recipe joins them. */
export const query = joinWith('=', '&')

export const hashOf =
  (name: string): Digest =>
  (message) =>
    hash(name, message, 'hex')

export const hmacOf =
  (name: string): Digest =>
  (message, key) =>
    createHmac(name, key).update(message).digest('hex')
