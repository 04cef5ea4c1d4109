import { randomBytes, randomFillSync } from 'node:crypto'

/** The only source of randomness: the operating system's CSPRNG through node:crypto. */
export function randomSecret(byteCount: number): Uint8Array {
  return randomBytes(byteCount)
}

// Drawn ahead, because every request takes an id from it and a system call each would cost more than the rest of its making.
const pool = Buffer.alloc(4_096)
let poolUsed = pool.length

/** `byteCount` random bytes, at most 4,096, as base64url, without padding. */
export function randomText(byteCount: number): string {
  if (poolUsed + byteCount > pool.length) {
    randomFillSync(pool)
    poolUsed = 0
  }
  const bytes = pool.subarray(poolUsed, poolUsed + byteCount)
  const text = bytes.toString('base64url')
  // What was given out stays nowhere else.
  bytes.fill(0)
  poolUsed += byteCount
  return text
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
