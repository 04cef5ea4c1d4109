/**
 * MD5 (RFC 1321) of a text in UTF-8, as 32 hexadecimal digits: Web Crypto has none, and that of a library makes objects that cost more than the
 * digest.
 */
export function md5(text: string): string {
  const bytesMax = text.length * 3 + 8 + blockBytes
  const bytes = bytesMax <= room.length ? room : new Uint8Array(bytesMax)
  const { written } = encoder.encodeInto(text, bytes)
  const end = written + 8 + blockBytes - ((written + 8) % blockBytes)
  const view = new DataView(bytes.buffer)
  view.setUint8(written, 0x80)
  view.setUint32(end - 8, written * 8, true)
  view.setUint32(end - 4, written / 2 ** 29, true)
  state.set([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476])
  for (let at = 0; at < end; at += blockBytes) {
    for (let i = 0; i < words.length; i++) words[i] = view.getInt32(at + 4 * i, true)
    digestBlock()
  }
  bytes.fill(0, 0, end)
  words.fill(0)
  return digitsOf(state[0]) + digitsOf(state[1]) + digitsOf(state[2]) + digitsOf(state[3])
}

const blockBytes = 64
const encoder = new TextEncoder()
/** Kept from call to call, which nearly all fit in, and emptied after each: they hold the key. */
const room = new Uint8Array(16 * blockBytes)
const words = new Int32Array(blockBytes / 4)
const state = new Int32Array(4)
const sines = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32))
const digits = encoder.encode('0123456789abcdef')

/** Four rounds of sixteen steps, which differ in how they mix, in the order of words, and in their shifts. */
function digestBlock(): void {
  let [a = 0, b = 0, c = 0, d = 0] = state
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
  const sums = [a, b, c, d]
  for (let i = 0; i < 4; i++) state[i] = (state[i] as number) + (sums[i] as number)
}

function step(a: number, b: number, mixed: number, i: number, word: number, shift: number): number {
  const sum = (a + mixed + (sines[i] as number) + (words[word % 16] as number)) | 0
  return (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0
}

/** Of a word, its lowest byte first. */
function digitsOf(word = 0): string {
  const digit = (shift: number) => digits[(word >>> shift) & 0xf] as number
  return String.fromCharCode(digit(4), digit(0), digit(12), digit(8), digit(20), digit(16), digit(28), digit(24))
}
