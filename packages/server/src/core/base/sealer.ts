import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { randomSecret } from './random.ts'

const version = 1
const nonceBytes = 12
const tagBytes = 16

/** Decryption failed: another master key, another purpose, or damage. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

/**
 * Encrypts secrets for the store with AES-256-GCM (NIST SP 800-38D) under a key derived from the master key.
 * Form: version (1 byte), random nonce (12), ciphertext, tag (16). `purpose` is authenticated, so a sealed value moved to
 * another row does not decrypt.
 */
export class Sealer {
  readonly #key: Uint8Array

  /** @param masterKey 32 bytes, kept outside the store. */
  constructor(masterKey: Uint8Array) {
    if (masterKey.length !== 32) throw new RangeError('the master key has 32 bytes')
    this.#key = new Uint8Array(hkdfSync('sha256', masterKey, '', 'lobbykey seal v1', 32))
  }

  seal(plain: Uint8Array, purpose: string): Uint8Array {
    const nonce = randomSecret(nonceBytes)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(purpose))
    return Buffer.concat([Uint8Array.of(version), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }

  /** @throws SealError */
  open(sealed: Uint8Array, purpose: string): Uint8Array {
    if (sealed.length < 1 + nonceBytes + tagBytes || sealed[0] !== version) throw new SealError(`${purpose}: not a sealed value`)
    const nonce = sealed.subarray(1, 1 + nonceBytes)
    const tag = sealed.subarray(sealed.length - tagBytes)
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(purpose)).setAuthTag(tag)
      return Buffer.concat([decipher.update(sealed.subarray(1 + nonceBytes, sealed.length - tagBytes)), decipher.final()])
    } catch {
      throw new SealError(`${purpose}: sealed under another master key, or damaged`)
    }
  }
}

/** Parses a master key: 32 bytes in base64, base64url or hex. Null if malformed. */
export function parseMasterKey(text: string): Uint8Array | null {
  const trimmed = text.trim()
  if (/^[0-9A-Fa-f]{64}$/.test(trimmed)) return Buffer.from(trimmed, 'hex')
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return null
  return Buffer.from(trimmed, 'base64')
}

/** A fingerprint of a master key that can be shown. */
export function masterKeyFingerprint(masterKey: Uint8Array): string {
  return createHash('sha256').update('lobbykey master key\n').update(masterKey).digest('hex').slice(0, 12)
}
