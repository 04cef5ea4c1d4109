import {
  canonicalString,
  type KeyUse,
  type SignedCall,
  type SigningAlgorithmId,
  type SigningHash,
  type SigningProfile,
  signedNames,
  signingAlgorithms,
  textToHash,
  unsignedFields,
} from '@lobbykey/contract'
import { hmac } from '@noble/hashes/hmac.js'
import { md5 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, type CHash, utf8ToBytes } from '@noble/hashes/utils.js'

export interface SignaturePart {
  readonly name: string
  readonly value: string
}

export interface LeftOut {
  readonly name: string
  readonly reason: string
}

/** A signature with its intermediate steps. */
export interface Signature {
  readonly canonical: string
  /** `canonical` in parts, in order. */
  readonly parts: readonly SignaturePart[]
  readonly leftOut: readonly LeftOut[]
  /** Lower-case hex. */
  readonly sign: string
}

/** Signs as the contract says. The key stays here and is not returned. */
export function signFields(call: SignedCall, fields: Readonly<Record<string, unknown>>, key: string, profile: SigningProfile): Signature {
  const names = signedNames(call, profile.callback)
  const canonical = canonicalString(fields, names)
  const present = names.filter((name) => !isEmpty(fields[name]))
  const unsigned = unsignedFields(call, profile.callback)
  return {
    canonical,
    parts: present.map((name) => ({ name, value: String(fields[name]) })),
    leftOut: [
      ...names.filter((name) => isEmpty(fields[name])).map((name) => ({ name, reason: 'empty' })),
      ...unsigned.map((name) => ({ name, reason: unsignedReason(call, name) })),
    ],
    sign: digestHex(canonical, key, profile.algorithm),
  }
}

function unsignedReason(call: SignedCall, name: string): string {
  if (name === 'sign') return 'it is the signature'
  return call.unsigned.includes(name) ? 'never signed' : 'not signed under this profile'
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

const hashes: Readonly<Record<SigningHash, CHash>> = { md5, sha256 }

const digests: Readonly<Record<KeyUse, (hash: CHash, text: Uint8Array, key: Uint8Array) => Uint8Array>> = {
  'key-in-text': (hash, text) => hash(text),
  hmac: (hash, text, key) => hmac(hash, key, text),
}

function digestHex(canonical: string, key: string, algorithm: SigningAlgorithmId): string {
  const { keyUse, hash } = signingAlgorithms[algorithm]
  return bytesToHex(digests[keyUse](hashes[hash], utf8ToBytes(textToHash(canonical, key, algorithm)), utf8ToBytes(key)))
}
