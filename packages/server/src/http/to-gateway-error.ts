import type { IncomingMessage } from 'node:http'
import { GatewayError, isGatewayError } from '@lobbykey/contract'

/** Converts whatever reached an error handler into a GatewayError. Anything unforeseen is `internal`, never a 400. */
export function toGatewayError(error: unknown, request: IncomingMessage): GatewayError {
  if (isGatewayError(error) && error.key !== 'upstream_unavailable') return error
  // A truncated body fails in many ways: while reading it, or while passing it on.
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

/** Whether the caller closed the connection before its body was complete, by Node's own error, so that no other broken connection counts. */
function hungUp({ errored }: IncomingMessage): boolean {
  return (errored as { code?: unknown } | null)?.code === 'ECONNRESET' && errored?.message === 'aborted'
}

/** The caller's fault, and nobody reads the answer. */
function cutBody(cause: unknown): GatewayError {
  return new GatewayError('invalid_body', { message: 'the connection was closed within the body' }, cause)
}
