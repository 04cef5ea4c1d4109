import { bodyBytesMax, GatewayError, parseStrictJson, StrictJsonError, type StrictJsonLimits } from '@lobbykey/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { utf8MediaType } from './media-type.ts'

/** Skips a byte order mark, as RFC 8259, section 8.1, permits. */
const utf8 = new TextDecoder('utf-8', { fatal: true })
const jsonMediaType = utf8MediaType('application/json')

/** Accepts `application/json` only, unparsed: parsing is one of the surface's named steps. */
export function acceptOnlyJson(app: FastifyInstance, bodyLimit = bodyBytesMax): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit }, (request, body, done) => {
    if (!jsonMediaType.test(request.headers['content-type'] ?? '') || request.headers['content-encoding'] !== undefined) {
      done(new GatewayError('unsupported_media_type'))
    } else {
      done(null, body)
    }
  })
}

/** The body as one strict JSON object. @throws GatewayError invalid_body */
export function readJsonBody(request: FastifyRequest, limits: StrictJsonLimits): Record<string, unknown> {
  if (!Buffer.isBuffer(request.body)) throw new GatewayError('invalid_body', { message: 'the body is empty' })
  return parseJsonBytes(request.body, limits)
}

/** @throws GatewayError invalid_body */
export function parseJsonBytes(bytes: Uint8Array, limits: StrictJsonLimits): Record<string, unknown> {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    throw new GatewayError('invalid_body', { message: 'the body is not UTF-8' })
  }
  try {
    return parseStrictJson(text, limits)
  } catch (error) {
    if (error instanceof StrictJsonError) throw new GatewayError('invalid_body', { message: error.message })
    throw error
  }
}
