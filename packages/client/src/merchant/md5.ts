/**
 * MD5 (RFC 1321) of a text in UTF-8, as 32 hexadecimal digits: Web Crypto has none, and that of a library makes objects that cost more than the
 * digest.
 */
export function md5(text: string): string {
  const bytesMax = text.length * 3 + 8 + blockBytes
  const bytes = bytesMax <= room.length ? room : new Uint8Array(bytesMax)
  const { written } = encoder.encodeInto(text, bytes)
  const end = written + 8 + blockBytes - ((written + 8) % blockBytes)
  const view = bytes === room ? roomView : new DataView(bytes.buffer)
  view.setUint8(written, 0x80)
  view.setUint32(end - 8, written * 8, true)
  view.setUint32(end - 4, written / 2 ** 29, true)
  state[0] = 0x67452301
  state[1] = 0xefcdab89
  state[2] = 0x98badcfe
  state[3] = 0x10325476
  for (let at = 0; at < end; at += blockBytes) {
    for (let i = 0; i < words.length; i++) words[i] = view.getInt32(at + 4 * i, true)
    digestBlock()
  }
  bytes.fill(0, 0, end)
  words.fill(0)
  return hexadecimal()
}

const blockBytes = 64
const encoder = new TextEncoder()
/** Kept from call to call, which nearly all fit in, and emptied after each: they hold the key. */
const room = new Uint8Array(16 * blockBytes)
const roomView = new DataView(room.buffer)
const words = new Int32Array(blockBytes / 4)
const state = new Int32Array(4)
const sines = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32))
const digits = encoder.encode('0123456789abcdef')

/** Four rounds of sixteen steps, which differ in how they mix, in the order of words, and in their shifts. */
function digestBlock(): void {
  let a = state[0] as number
  let b = state[1] as number
  let c = state[2] as number
  let d = state[3] as number
  for (let i = 0; i < 16; i += 4) {
    a = step(a, b, (b & c) | (~b & d), i, i, 7)
    d = step(d, a, (a & b) | (~a & c), i + 1, i + 1, 12)
    c = step(c, d, (d & a) | (~d & b), i + 2, i + 2, 17)
    b = step(b, c, (c & d) | (~c & a), i + 3, i + 3, 22)
  }
  for (let i = 16; i < 32; i += 4) {
    a = step(a, b, (d & b) | (~d & c), i, 5 * i + 1, 5)
    d = step(d, a, (c & a) | (~c & b), i + 1, 5 * i + 6, 9)
    c = step(c, d, (b & d) | (~b & a), i + 2, 5 * i + 11, 14)
    b = step(b, c, (a & c) | (~a & d), i + 3, 5 * i + 16, 20)
  }
  for (let i = 32; i < 48; i += 4) {
    a = step(a, b, b ^ c ^ d, i, 3 * i + 5, 4)
    d = step(d, a, a ^ b ^ c, i + 1, 3 * i + 8, 11)
    c = step(c, d, d ^ a ^ b, i + 2, 3 * i + 11, 16)
    b = step(b, c, c ^ d ^ a, i + 3, 3 * i + 14, 23)
  }
  for (let i = 48; i < 64; i += 4) {
    a = step(a, b, c ^ (b | ~d), i, 7 * i, 6)
    d = step(d, a, b ^ (a | ~c), i + 1, 7 * i + 7, 10)
    c = step(c, d, a ^ (d | ~b), i + 2, 7 * i + 14, 15)
    b = step(b, c, d ^ (c | ~a), i + 3, 7 * i + 21, 21)
  }
  state[0] = (state[0] as number) + a
  state[1] = (state[1] as number) + b
  state[2] = (state[2] as number) + c
  state[3] = (state[3] as number) + d
}

function step(a: number, b: number, mixed: number, i: number, word: number, shift: number): number {
  const sum = (a + mixed + (sines[i] as number) + (words[word % 16] as number)) | 0
  return (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0
}

/** Of each word, its lowest byte first. Made at once: JSON and encoders take longer over a text that is put together of others. */
function hexadecimal(): string {
  const codes: number[] = []
  for (let i = 0; i < 16; i++) {
    const byte = (state[i >>> 2] as number) >>> ((i & 3) * 8)
    codes.push(digits[(byte >>> 4) & 0xf] as number, digits[byte & 0xf] as number)
  }
  return String.fromCharCode.apply(null, codes)
}
