import { hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

const contentTypes: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml',
}

const pieceBytes = 65_536
/** Chunks written in one turn of the event loop, over all readers, so that new connections are accepted in between. */
const piecesInTurnMax = 8
const waiting: (() => void)[] = []

/** A file that a page loads, held in memory. Compressed once, at the first request that accepts it. */
export class StaticAsset {
  readonly contentType: string
  readonly plain: Buffer
  readonly etag: string
  readonly isImmutable: boolean
  #gzipped: Promise<Buffer> | null = null

  /** @param name whose extension decides the content type. @param options.isImmutable whether different content would have another name */
  constructor(name: string, content: string | Buffer, options: { isImmutable: boolean }) {
    this.contentType = contentTypes[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
    this.plain = Buffer.from(content)
    this.etag = `"${hash('sha256', this.plain, 'base64url')}"`
    this.isImmutable = options.isImmutable
  }

  gzipped(): Promise<Buffer> {
    this.#gzipped ??= promisify(gzip)(this.plain)
    return this.#gzipped
  }
}

/** Sends it, compressed if the browser accepts that, or 304 if the browser has it. */
export async function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: StaticAsset): Promise<FastifyReply> {
  reply
    .header('etag', asset.etag)
    .header('vary', 'accept-encoding')
    .header('cache-control', asset.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache')
  if (request.headers['if-none-match'] === asset.etag) return reply.code(304).send()
  reply.header('content-type', asset.contentType)
  const takesGzip = /\bgzip\b(?!;\s*q=0(?:\.0*)?(?:,|$))/.test(String(request.headers['accept-encoding'] ?? ''))
  if (takesGzip) reply.header('content-encoding', 'gzip')
  const content = takesGzip ? await asset.gzipped() : asset.plain
  if (content.length <= pieceBytes) return reply.send(content)
  return reply.header('content-length', content.length).send(Readable.from(piecesOf(content), { highWaterMark: 1 }))
}

/** Chunks of the content: the next one is written when there is room, so that a slow reader buffers no more than it reads, and in its turn (check 85). */
async function* piecesOf(content: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < content.length; start += pieceBytes) {
    await turn()
    yield content.subarray(start, start + pieceBytes)
  }
}

function turn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (waiting.push(resolve) === 1) setImmediate(beginTurn)
  return promise
}

function beginTurn(): void {
  for (const begin of waiting.splice(0, piecesInTurnMax)) begin()
  if (waiting.length > 0) setImmediate(beginTurn)
}
