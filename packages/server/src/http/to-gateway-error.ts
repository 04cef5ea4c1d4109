import type { IncomingMessage } from 'node:http'
import { GatewayError, isGatewayError } from '@lobbykey/contract'

/** Turns whatever reached an error handler into one of ours. Anything unforeseen is `internal`, never a 400. */
export function toGatewayError(error: unknown, request: IncomingMessage): GatewayError {
  if (isGatewayError(error) && error.key !== 'upstream_unavailable') return error
  // What was to be done with a body that is cut short fails in many ways: in reading it, or in passing it on.
  if (hungUp(request)) return cutBody(error)
  if (isGatewayError(error)) return error
  switch ((error as { code?: unknown } | null)?.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new GatewayError('body_too_large')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return new GatewayError('unsupported_media_type')
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new GatewayError('invalid_body', { message: 'the body is not as long as Content-Length says' })
    case 'FST_ERR_BAD_URL':
      return new GatewayError('path_not_found')
    default:
      return new GatewayError('internal', {}, error)
  }
}

/** Whether the caller closed the connection before its body was there. By what Node itself says, so that no other broken connection passes for it. */
function hungUp({ errored }: IncomingMessage): boolean {
  return (errored as { code?: unknown } | null)?.code === 'ECONNRESET' && errored?.message === 'aborted'
}

/** The caller's fault, and nobody reads an answer. */
function cutBody(cause: unknown): GatewayError {
  return new GatewayError('invalid_body', { message: 'the connection was closed within the body' }, cause)
}
