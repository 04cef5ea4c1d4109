/** Check 29: MD5 over key and message can be extended by whoever has seen one signature. No accepted request can carry the extension. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { type MemberLoginFields, parseStrictJson } from '@lobbykey/contract'
import { acceptLogin, canonicalOf, sampleLogin } from './sample-login.ts'

const key = 'l4gnD61pz4arJyv8'
const suffix = 'x'

/** MD5's padding of a message of this many bytes (RFC 1321 sections 3.1 and 3.2). */
function paddingOf(byteCount: number): Buffer {
  const zeros = (119 - (byteCount % 64)) % 64
  const padding = Buffer.alloc(1 + zeros + 8)
  padding[0] = 0x80
  padding.writeBigUInt64LE(BigInt(byteCount) * 8n, 1 + zeros)
  return padding
}

/** One round of MD5's compression function (RFC 1321 section 3.4). */
function compress(state: readonly number[], block: Buffer): number[] {
  const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
  let [a = 0, b = 0, c = 0, d = 0] = state
  for (let i = 0; i < 64; i++) {
    const round = i >> 4
    const mixes = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)]
    const word = [i, (5 * i + 1) % 16, (3 * i + 5) % 16, (7 * i) % 16][round] ?? 0
    const constant = Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32)
    const sum = (a + (mixes[round] ?? 0) + constant + block.readUInt32LE(word * 4)) | 0
    const shift = shifts[round * 4 + (i % 4)] ?? 0
    ;[a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0]
  }
  return [a, b, c, d].map((word, index) => (word + (state[index] ?? 0)) | 0)
}

/** The digest of message + padding + suffix, made from the message's digest alone: the attack. */
function extend(digest: Buffer, byteCount: number): Buffer {
  const state = [0, 4, 8, 12].map((at) => digest.readInt32LE(at))
  const total = byteCount + paddingOf(byteCount).length + suffix.length
  const block = Buffer.concat([Buffer.from(suffix), paddingOf(total)])
  const extended = Buffer.alloc(16)
  compress(state, block).forEach((word, index) => {
    extended.writeInt32LE(word, index * 4)
  })
  return extended
}

/** Every way to write the padding's bytes into a JSON string. */
const carriers: Record<string, (padding: Buffer) => Buffer> = {
  'raw bytes': (padding) => padding,
  'UTF-8 of U+0080': (padding) => Buffer.from(padding.toString('latin1'), 'utf8'),
  '\\u escapes': (padding) => Buffer.from([...padding].map((byte) => `\\u${byte.toString(16).padStart(4, '0')}`).join('')),
  'percent encoding': (padding) => Buffer.from([...padding].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')),
}

test('[check 29] no extended signature is accepted, at any of the 64 lengths and in any carrier', () => {
  const residues = new Set<number>()
  for (let extra = 0; extra < 64; extra++) {
    const request: MemberLoginFields = { ...sampleLogin, game_code: 'g'.repeat(1 + extra) }
    const message = Buffer.from(`${key}&${canonicalOf(request, 'unsigned')}`)
    residues.add(message.length % 64)
    const padding = paddingOf(message.length)
    const forged = extend(createHash('md5').update(message).digest(), message.length)
    // The forgery is a true one: it is the digest of the extended bytes, and was made without the key.
    assert.deepEqual(
      forged,
      createHash('md5')
        .update(Buffer.concat([message, padding, Buffer.from(suffix)]))
        .digest(),
    )
    for (const [carrier, write] of Object.entries(carriers)) {
      assert.equal(accepts({ ...request, sign: forged.toString('hex') }, write(padding)), false, `${carrier} at ${message.length}`)
    }
  }
  assert.equal(residues.size, 64)
})

/** Whether a request whose user_id, the last signed field, carries the padding and suffix gets past everything before its signature, and then that. */
function accepts(request: MemberLoginFields, padding: Buffer): boolean {
  const [head = '', tail = ''] = JSON.stringify(request).split(`"${request.user_id}"`)
  const body = Buffer.concat([Buffer.from(`${head}"${request.user_id}`), padding, Buffer.from(`${suffix}"${tail}`)])
  for (const encoding of ['utf-8', 'latin1']) {
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(body)
      const fields = acceptLogin(parseStrictJson(text, { depthMax: 2, keysMax: 64, plainNumbers: true }), 'unsigned')
      if (fields === null) continue
      const digest = createHash('md5')
        .update(`${key}&${canonicalOf(fields, 'unsigned')}`)
        .digest('hex')
      if (digest === request.sign) return true
    } catch {
      // Refused before the field rules: not JSON, or not of this encoding.
    }
  }
  return false
}
