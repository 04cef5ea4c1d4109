import { createHmac, timingSafeEqual } from 'node:crypto'
import { toBase32 } from '../base/base32.ts'

const stepMs = 30_000
const digits = 6
/** Steps before and after the current one whose codes are accepted, since phones' clocks are off. */
const stepsAside = 1

/** Bytes of a secret (RFC 4226, section 4, R6). */
export const totpSecretBytes = 20

/** The code of a step (RFC 6238, with the defaults that every app supports: SHA-1, six digits, 30 seconds). */
export function totpCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 0xf
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, '0')
}

export function totpStep(now: number): number {
  return Math.floor(now / stepMs)
}

/** The newest acceptable step that this code belongs to; null for none. The store makes sure that each is used once. */
export function findTotpStep(secret: Uint8Array, code: string, now: number): number | null {
  const given = Buffer.from(code.replaceAll(/\s/g, ''))
  if (given.length !== digits) return null
  let found: number | null = null
  for (let step = totpStep(now) - stepsAside; step <= totpStep(now) + stepsAside; step++) {
    if (timingSafeEqual(given, Buffer.from(totpCode(secret, step)))) found = step
  }
  return found
}

/** What an app reads from a QR code, or a person types. */
export function totpEnrolment(secret: Uint8Array, email: string): { readonly secret: string; readonly uri: string } {
  const text = toBase32(secret)
  const label = `Lobbykey:${encodeURIComponent(email)}`
  return {
    secret: text,
    uri: `otpauth://totp/${label}?secret=${text}&issuer=Lobbykey&algorithm=SHA1&digits=${digits}&period=${stepMs / 1_000}`,
  }
}
