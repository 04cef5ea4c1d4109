import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { isGatewayError } from '@lobbykey/contract'
import { readLogo } from '../../../src/core/brands/read-logo.ts'
import { losslessWebp, lossyWebp, makePng, pngChunk, webp, webpChunk } from '../../support/pictures.ts'

const markup = '<script>alert(1)</script>'

/** What is said of a file that is no logo. */
function faultOf(file: Buffer): string {
  try {
    readLogo(file)
  } catch (error) {
    if (isGatewayError(error)) return error.details.message ?? ''
    throw error
  }
  return 'none'
}

test('a PNG and both kinds of WebP are logos, of the size that they say', () => {
  assert.deepEqual(readLogo(makePng({ width: 40, height: 12 })), {
    type: 'image/png',
    width: 40,
    height: 12,
    bytes: makePng({ width: 40, height: 12 }),
  })
  for (const file of [lossyWebp, losslessWebp]) {
    assert.deepEqual(readLogo(file), { type: 'image/webp', width: 1, height: 1, bytes: file })
  }
})

test('what is no part of the picture is taken out: words, places, colour profiles', () => {
  const words = ['tEXt', 'zTXt', 'iTXt', 'eXIf', 'iCCP', 'acTL', 'scRt'].map((name) => pngChunk(name, Buffer.from(markup)))
  assert.deepEqual(readLogo(makePng({ more: words })).bytes, makePng())
  const canvas = Buffer.from('2c000000000000000000', 'hex')
  const image = lossyWebp.subarray(12)
  const dressed = webp(webpChunk('VP8X', canvas), image, webpChunk('EXIF', Buffer.from(markup)), webpChunk('XMP ', Buffer.from(markup)))
  const { bytes } = readLogo(dressed)
  assert.ok(!Buffer.from(bytes).includes('script'))
  assert.deepEqual(Buffer.from(bytes), webp(webpChunk('VP8X', Buffer.alloc(10)), image))
})

test('what is no picture is refused, and so is a picture with something behind it', () => {
  const png = makePng()
  const refused: readonly (readonly [string, Buffer, RegExp])[] = [
    ['SVG named .png', Buffer.from(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">${markup}</svg>`), /this is markup/],
    ['HTML named .png', Buffer.from(`<!doctype html>${markup}`), /this is markup/],
    ['JPEG', Buffer.from('ffd8ffe000104a464946', 'hex'), /this is a JPEG/],
    ['GIF', Buffer.from('GIF89a'), /this is a GIF/],
    ['nothing', Buffer.alloc(0), /must be a PNG or WebP file$/],
    ['a signature alone', png.subarray(0, 8), /broken/],
    ['HTML behind a PNG', Buffer.concat([png, Buffer.from(markup)]), /goes on behind the picture/],
    ['a ZIP behind a PNG', Buffer.concat([png, Buffer.from('PK\x03\x04')]), /goes on behind the picture/],
    ['HTML behind a WebP', Buffer.concat([lossyWebp, Buffer.from(markup)]), /does not end where the picture does/],
    ['HTML in the packed pixels, behind them', replaceData(png, (data) => Buffer.concat([data, Buffer.from(markup)])), /broken/],
    ['HTML in place of pixels', replaceData(png, () => Buffer.from(markup)), /broken/],
    ['pixels that are too few', makePng({ pixels: Buffer.alloc(10) }), /broken/],
    ['pixels that are too many', makePng({ pixels: Buffer.alloc(10_000) }), /broken/],
    ['a filter that does not exist', makePng({ pixels: Buffer.alloc(8 * 33, 9) }), /broken/],
    ['65 KiB', Buffer.concat([png, Buffer.alloc(65 * 1024)]), /is larger than 64 KiB/],
    ['30,000 x 30,000', makePng({ claimed: [30_000, 30_000] }), /is 30000 × 30000 pixels; at most 1024/],
    ['2^31 wide', makePng({ claimed: [0x80000000, 1] }), /at most 1024/],
    ['0 high', makePng({ claimed: [1, 0] }), /broken/],
    ['a bomb: 40 MB in 40 KB', makePng({ width: 1024, height: 1024, pixels: Buffer.alloc(40_000_000) }), /broken/],
    ['an unknown chunk that has to be known', makePng({ more: [pngChunk('ABCD')] }), /broken/],
    ['a second header', makePng({ more: [pngChunk('IHDR', Buffer.alloc(13))] }), /broken/],
    ['a wrong checksum', Buffer.from(png).fill(0, 29, 30), /broken/],
    ['an animated WebP', webp(webpChunk('VP8X', Buffer.alloc(10)), webpChunk('ANIM', Buffer.alloc(6))), /animated/],
    ['a WebP without a picture', webp(webpChunk('VP8X', Buffer.alloc(10))), /broken/],
    ['a WebP whose chunk is longer than it', Buffer.from(lossyWebp).fill(0xff, 16, 18), /broken/],
    ['a WebP of another canvas', webp(webpChunk('VP8X', Buffer.alloc(10, 1)), lossyWebp.subarray(12)), /broken/],
    ['a WebP with HTML for a picture', webp(webpChunk('VP8 ', Buffer.from(markup))), /broken/],
  ]
  for (const [name, file, fault] of refused) assert.match(faultOf(file), fault, name)
})

test('whatever byte of a picture is another, it is refused or is a picture still', () => {
  for (const file of [makePng(), lossyWebp, losslessWebp]) {
    for (let at = 0; at < file.length; at++) {
      const other = Buffer.from(file)
      other[at] = (other[at] ?? 0) ^ 0x55
      assert.ok(faultOf(other).length > 0)
      for (const cut of [file.subarray(0, at), Buffer.concat([file.subarray(0, at), file.subarray(at + 1)])]) {
        assert.notEqual(faultOf(cut), 'none')
      }
    }
  }
})

test('an interlaced picture is unpacked to its seven passes', () => {
  const png = makePng({ width: 5, height: 3 })
  const interlaced = Buffer.from(png)
  interlaced[28] = 1
  // 5 x 3 in Adam7: 1x1, 1x1, 2x0, 1x1, 3x1, 2x2, 5x1.
  const rows = [1, 1, 1, 3, 2, 2, 5].map((columns) => Buffer.alloc(1 + columns * 4))
  const header = interlaced.subarray(12, 29)
  const file = Buffer.concat([
    png.subarray(0, 8),
    pngChunk('IHDR', header.subarray(4)),
    pngChunk('IDAT', deflateSync(Buffer.concat(rows))),
    pngChunk('IEND'),
  ])
  assert.equal(faultOf(file), 'none')
})

function replaceData(png: Buffer, change: (data: Buffer) => Buffer): Buffer {
  const at = png.indexOf('IDAT') - 4
  const end = at + 12 + png.readUInt32BE(at)
  return Buffer.concat([png.subarray(0, at), pngChunk('IDAT', change(png.subarray(at + 8, end - 4))), png.subarray(end)])
}
