import { hmac } from '@noble/hashes/hmac.js'
import { md5 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { facts, vector } from '../generated/contract.ts'

export type Algorithm = keyof typeof facts.algorithms
export type CallbackRule = 'unsigned' | 'signed'
export type CallName = keyof typeof facts.calls
export type Fields = Readonly<Record<string, unknown>>

/** `k1=v1&k2=v2…` over the signed names, raw values, empty ones left out. */
export function canonicalOf(call: CallName, fields: Fields, callback: CallbackRule): string {
  const names: readonly string[] = facts.calls[call].signed[callback]
  return names
    .filter((name) => fields[name] !== undefined && fields[name] !== null && fields[name] !== '')
    .map((name) => `${name}=${fields[name]}`)
    .join('&')
}

/** What is hashed, with `key` as the key: under an HMAC it is no part of the text. */
export function textOf(canonical: string, key: string, algorithm: Algorithm): string {
  return facts.algorithms[algorithm].keyUse === 'hmac' ? canonical : `${key}&${canonical}`
}

export function digestOf(canonical: string, key: string, algorithm: Algorithm): string {
  return bytesToHex(digests[algorithm](utf8ToBytes(textOf(canonical, key, algorithm)), key))
}

const digests: Readonly<Record<Algorithm, (text: Uint8Array, key: string) => Uint8Array>> = {
  md5: (text) => md5(text),
  'hmac-sha256': (text, key) => hmac(sha256, utf8ToBytes(key), text),
}

/** Whether this program signs the published example as it is published. */
export function isSound(algorithm: Algorithm): boolean {
  const canonical = canonicalOf('create', vector.fields, 'unsigned')
  return digestOf(canonical, vector.key, algorithm) === vector.digests[algorithm]
}
