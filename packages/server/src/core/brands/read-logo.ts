import { crc32, inflateSync } from 'node:zlib'
import { parameterError } from '@lobbykey/contract'
import { type LogoType, logoBytesMax, logoSideMax } from '@lobbykey/contract/admin'

export interface Logo {
  readonly type: LogoType
  readonly width: number
  readonly height: number
  readonly bytes: Uint8Array
}

/**
 * A picture, rebuilt from its essential parts: no metadata, no further animation frames, nothing before or after it, so that nothing else can hide in
 * it.
 *
 * @throws GatewayError invalid_parameter, which says what is wrong with the file
 */
export function readLogo(file: Uint8Array): Logo {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (bytes.length > logoBytesMax) throw wrong(`is larger than ${logoBytesMax / 1024} KiB`)
  if (bytes.toString('latin1', 0, 8) === pngSignature.toString('latin1')) return readPng(bytes)
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return readWebp(bytes)
  throw wrong(`must be a PNG or WebP file${whatElse(bytes)}`)
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** PNG chunks that are kept: the picture, its transparency, and the interpretation of its colours. */
const keptChunks = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'sBIT'])
/** Samples per pixel by colour type, and the permitted depths. */
const pngColors: Readonly<Record<number, readonly [samples: number, ...depths: number[]]>> = {
  0: [1, 1, 2, 4, 8, 16],
  2: [3, 8, 16],
  3: [1, 1, 2, 4, 8],
  4: [2, 8, 16],
  6: [4, 8, 16],
}

interface Chunk {
  readonly name: string
  readonly data: Buffer
  /** Including length, name and checksum or padding. */
  readonly whole: Buffer
}

function readPng(bytes: Buffer): Logo {
  const chunks = [...pngChunks(bytes)]
  const [header] = chunks
  const names = chunks.map(({ name }) => name)
  if (header?.name !== 'IHDR' || header.data.length !== 13 || names.filter((name) => name === 'IHDR').length > 1) throw broken()
  const [width, height] = [header.data.readUInt32BE(0), header.data.readUInt32BE(4)]
  verifySides(width, height)
  const [depth = 0, color = 0, compression, filter, interlace = 0] = header.data.subarray(8)
  const [samples = 0, ...depths] = pngColors[color] ?? []
  if (!depths.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1) throw broken()
  if (names.at(-1) !== 'IEND' || !names.includes('IDAT') || (color === 3 && !names.includes('PLTE'))) throw broken()
  // Critical chunks that we do not know.
  if (names.some((name) => /^[A-Z]/.test(name) && !keptChunks.has(name))) throw broken()
  const packed = Buffer.concat(chunks.filter(({ name }) => name === 'IDAT').map(({ data }) => data))
  verifyPixels(packed, { width, height, bits: samples * depth, isInterlaced: interlace === 1 })
  const kept = chunks.filter(({ name }) => keptChunks.has(name)).map(({ whole }) => whole)
  return { type: 'image/png', width, height, bytes: Buffer.concat([pngSignature, ...kept]) }
}

function* pngChunks(bytes: Buffer): Generator<Chunk> {
  let at = pngSignature.length
  while (at < bytes.length) {
    if (at + 12 > bytes.length) throw broken()
    const end = at + 12 + bytes.readUInt32BE(at)
    if (end > bytes.length) throw broken()
    const name = bytes.toString('latin1', at + 4, at + 8)
    if (!/^[A-Za-z]{4}$/.test(name) || crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) throw broken()
    yield { name, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) }
    at = end
    if (name === 'IEND' && at !== bytes.length) throw wrong('goes on behind the picture')
  }
}

/** Unpacks to exactly the rows of the declared size, each with a valid filter. */
function verifyPixels(packed: Buffer, picture: { width: number; height: number; bits: number; isInterlaced: boolean }): void {
  const { width, height, bits, isInterlaced } = picture
  const passes = isInterlaced ? interlacedPasses(width, height) : [[width, height] as const]
  const rows = passes.flatMap(([columns, lines]) => (columns === 0 ? [] : [{ lines, bytes: 1 + Math.ceil((columns * bits) / 8) }]))
  const expected = rows.reduce((sum, { lines, bytes }) => sum + lines * bytes, 0)
  const pixels = unpack(packed, expected)
  if (pixels?.length !== expected) throw broken()
  let at = 0
  for (const { lines, bytes } of rows) {
    for (let line = 0; line < lines; line++, at += bytes) if ((pixels[at] ?? 5) > 4) throw broken()
  }
}

/** Null unless the packed bytes are exactly one such stream. */
function unpack(packed: Buffer, bytesMax: number): Buffer | null {
  try {
    const { buffer, engine } = inflateSync(packed, { maxOutputLength: bytesMax, info: true }) as unknown as {
      buffer: Buffer
      engine: { bytesWritten: number }
    }
    return engine.bytesWritten === packed.length ? buffer : null
  } catch {
    return null
  }
}

/** Columns and rows of the seven passes of Adam7. */
function interlacedPasses(width: number, height: number): (readonly [number, number])[] {
  const starts = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const
  return starts.map(([x, y, dx, dy]) => [Math.max(0, Math.ceil((width - x) / dx)), Math.max(0, Math.ceil((height - y) / dy))])
}

function readWebp(bytes: Buffer): Logo {
  if (bytes.readUInt32LE(4) + 8 !== bytes.length) throw wrong('does not end where the picture does')
  const chunks = [...riffChunks(bytes)]
  if (chunks.some(({ name }) => name === 'ANIM' || name === 'ANMF')) throw wrong('must not be animated')
  const canvas = chunks.find(({ name }) => name === 'VP8X')
  const alpha = canvas === undefined ? undefined : chunks.find(({ name }) => name === 'ALPH')
  const [image, ...more] = chunks.filter(({ name }) => name === 'VP8 ' || name === 'VP8L')
  if (image === undefined || more.length > 0 || (canvas === undefined ? chunks[0] !== image : chunks[0] !== canvas)) throw broken()
  const [width, height] = image.name === 'VP8 ' ? lossySides(image.data) : losslessSides(image.data)
  verifySides(width, height)
  const parts = [image.whole]
  if (canvas !== undefined) {
    if (canvas.data.length !== 10 || canvas.data.readUIntLE(4, 3) + 1 !== width || canvas.data.readUIntLE(7, 3) + 1 !== height)
      throw broken()
    const kept = Buffer.from(canvas.whole)
    // Of the declared features only transparency is left.
    kept.writeUInt8((canvas.data[0] ?? 0) & 0x10, 8)
    parts.unshift(kept, ...(alpha === undefined ? [] : [alpha.whole]))
  }
  const body = Buffer.concat([Buffer.from('WEBP'), ...parts])
  const head = Buffer.alloc(8)
  head.write('RIFF')
  head.writeUInt32LE(body.length, 4)
  return { type: 'image/webp', width, height, bytes: Buffer.concat([head, body]) }
}

function* riffChunks(bytes: Buffer): Generator<Chunk> {
  let at = 12
  while (at < bytes.length) {
    if (at + 8 > bytes.length) throw broken()
    const size = bytes.readUInt32LE(at + 4)
    const end = at + 8 + size + (size % 2)
    if (end > bytes.length) throw broken()
    yield { name: bytes.toString('latin1', at, at + 4), data: bytes.subarray(at + 8, at + 8 + size), whole: bytes.subarray(at, end) }
    at = end
  }
}

/** RFC 6386, section 9.1: a visible key frame whose first partition is within the chunk. */
function lossySides(data: Buffer): [number, number] {
  const tag = data.length < 10 ? 1 : data.readUIntLE(0, 3)
  if ((tag & 1) !== 0 || (tag & 0x10) === 0 || data.readUIntBE(3, 3) !== 0x9d012a || 10 + (tag >> 5) > data.length) throw broken()
  return [data.readUInt16LE(6) & 0x3fff, data.readUInt16LE(8) & 0x3fff]
}

/** RFC 9649, section 3.4. */
function losslessSides(data: Buffer): [number, number] {
  if (data.length < 6 || data[0] !== 0x2f) throw broken()
  const bits = data.readUInt32LE(1)
  if (bits >>> 29 !== 0) throw broken()
  return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1]
}

function verifySides(width: number, height: number): void {
  if (width < 1 || height < 1) throw broken()
  if (width > logoSideMax || height > logoSideMax) throw wrong(`is ${width} × ${height} pixels; at most ${logoSideMax} a side are possible`)
}

function whatElse(bytes: Buffer): string {
  const start = bytes.toString('latin1', 0, 256)
  if (/^(?:\xef\xbb\xbf)?\s*</.test(start)) return ': this is markup, such as SVG or HTML'
  if (start.startsWith('\xff\xd8\xff')) return ': this is a JPEG'
  if (start.startsWith('GIF8')) return ': this is a GIF'
  return ''
}

function wrong(rule: string) {
  return parameterError('logo', rule)
}

function broken() {
  return wrong('is a broken picture')
}
