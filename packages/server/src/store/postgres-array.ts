/**
 * Array parameters in PostgreSQL's binary form, which the server reads at half the cost of an array literal: five 32-bit numbers (dimensions,
 * whether there are nulls, element type, length, first index), then each element behind its length in bytes.
 */
export function textArray(values: readonly (string | null)[]): Buffer {
  const sizes = values.map((value) => (value === null ? -1 : Buffer.byteLength(value)))
  return encode(25, sizes, (buffer, offset, index) => buffer.write(values[index] ?? '', offset))
}

export function bytesArray(values: readonly (Uint8Array | null)[]): Buffer {
  const sizes = values.map((value) => value?.length ?? -1)
  return encode(17, sizes, (buffer, offset, index) => buffer.set(values[index] ?? [], offset))
}

/** An int8[] of safe integers. */
export function numberArray(values: readonly (number | null)[]): Buffer {
  const sizes = values.map((value) => (value === null ? -1 : 8))
  return encode(20, sizes, (buffer, offset, index) => buffer.writeBigInt64BE(BigInt(values[index] ?? 0), offset))
}

/** @param sizes bytes of each element, -1 for null */
function encode(elementType: number, sizes: readonly number[], write: (buffer: Buffer, offset: number, index: number) => void): Buffer {
  let total = 20
  let hasNulls = 0
  for (const size of sizes) {
    total += 4 + Math.max(size, 0)
    if (size === -1) hasNulls = 1
  }
  const buffer = Buffer.allocUnsafe(total)
  let offset = 0
  for (const number of [1, hasNulls, elementType, sizes.length, 1]) offset = buffer.writeInt32BE(number, offset)
  for (const [index, size] of sizes.entries()) {
    offset = buffer.writeInt32BE(size, offset)
    if (size === -1) continue
    write(buffer, offset, index)
    offset += size
  }
  return buffer
}
