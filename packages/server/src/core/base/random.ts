import { randomBytes } from 'node:crypto'

/** The only source of randomness: the operating system's CSPRNG through node:crypto. */
export function randomSecret(byteCount: number): Uint8Array {
  return randomBytes(byteCount)
}

/** `byteCount` random bytes as base64url, without padding. */
export function randomText(byteCount: number): string {
  return randomBytes(byteCount).toString('base64url')
}

/** Uniform in [0, 1), with 2^32 values: for jitter. */
export function randomShare(): number {
  return randomBytes(4).readUInt32LE() / 2 ** 32
}

const idLength = 16
// Drawn in advance: every request takes one, and calling the generator each time would dominate its cost.
let ids = ''
let idsUsed = 0

/** A non-secret name: 96 random bits as base64url, never starting with a dash, which would look like a command-line option. */
export function randomId(): string {
  if (idsUsed === ids.length) {
    ids = randomText(3_072)
    idsUsed = 0
  }
  const id = ids.slice(idsUsed, idsUsed + idLength)
  idsUsed += idLength
  return id.startsWith('-') ? `_${id.slice(1)}` : id
}

const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** `length` uniform characters of A-Z a-z 0-9 (5.95 bits each). */
export function randomAlphanumeric(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 is the largest multiple of 62 in a byte; larger values would favour the first letters.
      if (byte < 248 && text.length < length) text += alphanumerics[byte % 62]
    }
  }
  return text
}
