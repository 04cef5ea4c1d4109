import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A file that a page loads, held in memory as it is sent. */
export interface StaticAsset {
  readonly contentType: string
  readonly plain: Buffer
  readonly gzipped: Buffer
  readonly etag: string
  /** True where the name changes with the content. */
  readonly isImmutable: boolean
}

const contentTypes: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml',
}

/** @param name decides the content type, by its ending */
export async function makeAsset(name: string, content: string | Buffer, options: { isImmutable: boolean }): Promise<StaticAsset> {
  const plain = Buffer.from(content)
  return {
    contentType: contentTypes[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
    plain,
    gzipped: await promisify(gzip)(plain),
    etag: `"${hash('sha256', plain, 'base64url')}"`,
    isImmutable: options.isImmutable,
  }
}

/** Sends it, compressed where the browser takes that, or 304 where the browser has it. */
export function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: StaticAsset): FastifyReply {
  reply
    .header('etag', asset.etag)
    .header('vary', 'accept-encoding')
    .header('cache-control', asset.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache')
  if (request.headers['if-none-match'] === asset.etag) return reply.code(304).send()
  reply.header('content-type', asset.contentType)
  const takesGzip = /\bgzip\b(?!;\s*q=0(?:\.0*)?(?:,|$))/.test(String(request.headers['accept-encoding'] ?? ''))
  return takesGzip ? reply.header('content-encoding', 'gzip').send(asset.gzipped) : reply.send(asset.plain)
}
