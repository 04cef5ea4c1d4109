import { GatewayError, isGatewayError } from '@lobbykey/contract'

/** Turns whatever reached an error handler into one of ours. Anything unforeseen is `internal`, never a 400. */
export function toGatewayError(error: unknown): GatewayError {
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
