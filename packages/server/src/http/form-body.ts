import { bodyBytesMax, GatewayError, parameterError, printable } from '@lobbykey/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { utf8MediaType } from './media-type.ts'

const mediaType = 'application/x-www-form-urlencoded'
const formMediaType = utf8MediaType(mediaType)
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Accepts forms only, unparsed. */
export function acceptOnlyForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(mediaType, { parseAs: 'buffer', bodyLimit: bodyBytesMax }, (request, body, done) => {
    const isForm = formMediaType.test(request.headers['content-type'] ?? '') && request.headers['content-encoding'] === undefined
    if (isForm) done(null, body)
    else done(new GatewayError('unsupported_media_type'))
  })
}

/**
 * The parameters of a form; unknown ones are permitted (RFC 6749, section 3.2). None may be repeated or be in the URL.
 * @throws GatewayError invalid_parameter
 */
export function readForm(request: FastifyRequest): ReadonlyMap<string, string> {
  const query = Object.keys(request.query as object)
  if (query.length > 0) throw parameterError(printable(query[0] ?? ''), 'must not stand in the URL: send it in the body')
  const form = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(decode(request.body))) {
    if (form.has(name)) throw parameterError(printable(name), 'must be sent once')
    form.set(name, value)
  }
  return form
}

function decode(body: unknown): string {
  if (!Buffer.isBuffer(body)) return ''
  try {
    return utf8.decode(body)
  } catch {
    throw parameterError('the body', 'must be UTF-8')
  }
}
