import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, type CHash, utf8ToBytes } from '@noble/hashes/utils.js'
import { facts, vector } from '../generated/contract.ts'
import { md5 } from './md5.ts'

export type Algorithm = keyof typeof facts.algorithms
export type CallbackRule = 'unsigned' | 'signed'
export type CallName = keyof typeof facts.calls
export type Fields = Readonly<Record<string, unknown>>

/** `k1=v1&k2=v2…` over the signed names, raw values, empty ones left out. */
export function canonicalOf(call: CallName, fields: Fields, callback: CallbackRule): string {
  let joined = ''
  for (const name of facts.calls[call].signed[callback]) {
    const value = fields[name]
    if (value === undefined || value === null || value === '') continue
    joined += joined === '' ? `${name}=${value}` : `&${name}=${value}`
  }
  return joined
}

/** What is hashed, with `key` as the key: under an HMAC it is no part of the text. */
export function textOf(canonical: string, key: string, algorithm: Algorithm): string {
  return facts.algorithms[algorithm].keyUse === 'hmac' ? canonical : `${key}&${canonical}`
}

/** Signs canonical texts with one key. */
export type Signer = (canonical: string) => string

export function signerOf(algorithm: Algorithm, key: string): Signer {
  return signers[algorithm](key)
}

const signers: Readonly<Record<Algorithm, (key: string) => Signer>> = {
  md5: (key) => (canonical) => md5(textOf(canonical, key, 'md5')),
  'hmac-sha256': (key) => hmacSigner(sha256, key),
}

function hmacSigner(hash: CHash, key: string): Signer {
  const keyed = hmac.create(hash, utf8ToBytes(key))
  return (canonical) => bytesToHex(keyed.clone().update(utf8ToBytes(canonical)).digest())
}

/** Whether this program signs the published example as it is published. */
export function isSound(algorithm: Algorithm): boolean {
  const canonical = canonicalOf('create', vector.fields, 'unsigned')
  return signerOf(algorithm, vector.key)(canonical) === vector.digests[algorithm]
}
