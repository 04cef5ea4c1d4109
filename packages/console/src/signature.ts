import { canonicalString, type SignedCall, type SigningProfile, signedNames, unsignedFields } from '@lobbykey/contract'
import { hmac } from '@noble/hashes/hmac.js'
import { md5 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

export interface SignaturePart {
  readonly name: string
  readonly value: string
}

export interface LeftOut {
  readonly name: string
  readonly reason: string
}

/** A signature with all that led to it. */
export interface Signature {
  readonly canonical: string
  /** `canonical` in pieces, in its order. */
  readonly parts: readonly SignaturePart[]
  readonly leftOut: readonly LeftOut[]
  /** Lower-case hex. */
  readonly sign: string
}

/** Signs as the contract says. The key stays here: it is not part of what is returned. */
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
    sign: profile.algorithm === 'md5' ? md5Hex(`${key}&${canonical}`) : hmacHex(key, canonical),
  }
}

function unsignedReason(call: SignedCall, name: string): string {
  if (name === 'sign') return 'it is the signature'
  return call.unsigned.includes(name) ? 'never signed' : 'not signed under this profile'
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function md5Hex(text: string): string {
  return bytesToHex(md5(utf8ToBytes(text)))
}

function hmacHex(key: string, text: string): string {
  return bytesToHex(hmac(sha256, utf8ToBytes(key), utf8ToBytes(text)))
}
