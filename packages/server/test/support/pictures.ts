import { crc32, deflateSync } from 'node:zlib'

export interface Png {
  readonly width?: number
  readonly height?: number
  /** Chunks between the header and the pixels. */
  readonly more?: readonly Buffer[]
  /** In place of the size in the header. */
  readonly claimed?: readonly [width: number, height: number]
  /** In place of the right pixels. */
  readonly pixels?: Buffer
}

/** A PNG of one colour, 8 bits RGBA. */
export function makePng({ width = 8, height = 8, more = [], claimed = [width, height], pixels }: Png = {}): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(claimed[0], 0)
  header.writeUInt32BE(claimed[1], 4)
  header.set([8, 6, 0, 0, 0], 8)
  const row = Buffer.concat([Buffer.of(0), Buffer.alloc(width * 4, Buffer.of(0xe6, 0x1e, 0x50, 0xff))])
  const packed = deflateSync(pixels ?? Buffer.concat(Array<Buffer>(height).fill(row)))
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([signature, pngChunk('IHDR', header), ...more, pngChunk('IDAT', packed), pngChunk('IEND')])
}

export function pngChunk(name: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}

/** One pixel, lossy. */
export const lossyWebp = Buffer.from('UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA', 'base64')
/** One pixel, lossless. */
export const losslessWebp = Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64')

export function webp(...chunks: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks])
  const head = Buffer.from('RIFF....')
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body])
}

export function webpChunk(name: string, data: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(data.length)
  return Buffer.concat([Buffer.from(name, 'latin1'), size, data, Buffer.alloc(data.length % 2)])
}
