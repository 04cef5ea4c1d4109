/**
 * Array parameters in PostgreSQL's binary form, which costs the server half as much as an array literal: five 32-bit numbers (dimensions, whether
 * there are nulls, element type, length, first index), then each element after its length in bytes.
 *
 * Every array is written into one shared buffer and copied out of it, short values byte by byte: calling Buffer's methods for each costs more.
 */
const headBytes = 20
/** Maximum of UTF-8 bytes per UTF-16 unit. */
const bytesAUnit = 3

let scratch = Buffer.allocUnsafeSlow(16_384)
let view = new DataView(scratch.buffer)
let used = 0

export function textArray(values: readonly (string | null)[]): Buffer {
  return encode(25, values, addText)
}

export function bytesArray(values: readonly (Uint8Array | null)[]): Buffer {
  return encode(17, values, addBytes)
}

/** An int8[] of safe integers. */
export function numberArray(values: readonly (number | null)[]): Buffer {
  return encode(20, values, addNumber)
}

function encode<T>(elementType: number, values: readonly (T | null)[], add: (value: T) => void): Buffer {
  begin(elementType, values.length)
  for (const value of values) {
    if (value === null) addNull()
    else add(value)
  }
  return end()
}

function begin(elementType: number, length: number): void {
  used = headBytes
  view.setInt32(0, 1)
  view.setInt32(4, 0)
  view.setInt32(8, elementType)
  view.setInt32(12, length)
  view.setInt32(16, 1)
}

function addNull(): void {
  makeRoom(4)
  view.setInt32(4, 1)
  view.setInt32(used, -1)
  used += 4
}

function addText(value: string): void {
  makeRoom(4 + bytesAUnit * value.length)
  const start = used + 4
  const size = writeAscii(value, start) ? value.length : scratch.write(value, start)
  view.setInt32(used, size)
  used = start + size
}

/** False, after writing a part, for a text that is not all ASCII. */
function writeAscii(value: string, start: number): boolean {
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    if (unit > 0x7f) return false
    scratch[start + i] = unit
  }
  return true
}

function addBytes(value: Uint8Array): void {
  makeRoom(4 + value.length)
  view.setInt32(used, value.length)
  used += 4
  for (let i = 0; i < value.length; i++) scratch[used + i] = value[i] as number
  used += value.length
}

function addNumber(value: number): void {
  makeRoom(12)
  view.setInt32(used, 8)
  view.setInt32(used + 4, Math.floor(value / 2 ** 32))
  view.setUint32(used + 8, value % 2 ** 32)
  used += 12
}

function end(): Buffer {
  const array = Buffer.allocUnsafe(used)
  scratch.copy(array, 0, 0, used)
  return array
}

function makeRoom(more: number): void {
  if (used + more <= scratch.length) return
  const larger = Buffer.allocUnsafeSlow(Math.max(used + more, 2 * scratch.length))
  scratch.copy(larger, 0, 0, used)
  scratch = larger
  view = new DataView(larger.buffer)
}
