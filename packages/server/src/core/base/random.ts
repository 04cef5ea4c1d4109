import { randomBytes } from 'node:crypto'

/** The only source of randomness: the operating system's CSPRNG through node:crypto. */
export function randomSecret(byteCount: number): Uint8Array {
  return randomBytes(byteCount)
}

/** `byteCount` random bytes as base64url, without padding. */
export function randomText(byteCount: number): string {
  return randomBytes(byteCount).toString('base64url')
}

/** From 0 to less than 1, each of 2^32 values equally likely: to spread what would happen at once. */
export function randomShare(): number {
  return randomBytes(4).readUInt32LE() / 2 ** 32
}

const idLength = 16
// Drawn ahead, because every request takes one, and a call of the generator each would cost more than the rest of its making.
let ids = ''
let idsUsed = 0

/** A name that is no secret: 96 random bits as base64url, never beginning with a dash, which would pass for an option on a command line. */
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

/** `length` characters of A-Z a-z 0-9, each equally likely (5.95 bits a character). */
export function randomAlphanumeric(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 is the largest multiple of 62 in a byte; what lies above would favour the first letters.
      if (byte < 248 && text.length < length) text += alphanumerics[byte % 62]
    }
  }
  return text
}
