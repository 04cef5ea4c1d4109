import { createHash, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { SigningKeyRecord } from '../../store/store.ts'
import { randomText } from '../base/random.ts'
import type { Sealer } from '../base/sealer.ts'

export interface NewSigningKey {
  readonly sealer: Sealer
  /** Bits of the modulus; at least 2048 (RFC 7518 section 3.3). */
  readonly bits: number
  readonly now: number
  readonly activeAt: number
  /** Null: the key starts one. */
  readonly epoch: string | null
}

/** A new RSA key in stored form, with an ID that no command line mistakes for an option. */
export async function makeSigningKey({ sealer, bits, now, activeAt, epoch }: NewSigningKey): Promise<SigningKeyRecord> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: bits, publicExponent: 0x10001 })
  const kid = thumbprint(publicKey)
  // One ID in 64; `lobbykey keys retire` would read it as an option.
  if (kid.startsWith('-')) return makeSigningKey({ sealer, bits, now, activeAt, epoch })
  return {
    kid,
    publicJwk: JSON.stringify(publicJwk(kid, publicKey)),
    sealedPrivate: sealer.seal(privateKey.export({ format: 'der', type: 'pkcs8' }), signingKeyPurpose(kid)),
    createdAt: now,
    activeAt,
    retiredAt: null,
    tokenLifeMs: 0,
    epoch: epoch ?? kid,
  }
}

/** Stands in for a key that is not kept, where making one would take too long. */
export async function makeStandInKey({ now, activeAt, epoch }: NewSigningKey): Promise<SigningKeyRecord> {
  const kid = randomText(32)
  return {
    kid,
    publicJwk: '{}',
    sealedPrivate: new Uint8Array(),
    createdAt: now,
    activeAt,
    retiredAt: null,
    tokenLifeMs: 0,
    epoch: epoch ?? kid,
  }
}

/** The purpose of the sealed private key. */
export function signingKeyPurpose(kid: string): string {
  return `signing-key:${kid}`
}

/** A published verification key (RFC 7517). */
export interface PublicJwk {
  readonly kty: 'RSA'
  readonly n: string
  readonly e: string
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'RS256'
}

/** Lists the published members, so that nothing private can be included (check 23). */
export function publicJwk(kid: string, publicKey: KeyObject): PublicJwk {
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
  return { kty: 'RSA', n, e, kid, use: 'sig', alg: 'RS256' }
}

/** RFC 7638: over the required members, in lexicographic order, without white space. */
function thumbprint(publicKey: KeyObject): string {
  const { e, kty, n } = publicKey.export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url')
}
