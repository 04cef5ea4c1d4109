import type { ErrorKey } from './catalogue.ts'

/** What an envelope may add to the catalogue's text. All of it is public: never a secret, a query or a path of ours. */
export interface ErrorDetails {
  /** Appended to the public text, as `TEXT: message` (member) or `TEXT: message` (seller). Names the field and its rule. */
  readonly message?: string
  /** Field at fault, for logs and events. */
  readonly field?: string
  /** Becomes `Retry-After`, rounded up to whole seconds. */
  readonly retryAfterMs?: number
  /** Becomes `Allow`. */
  readonly allow?: string
}

/** The one error that code inside throws on purpose. Anything else that reaches an envelope writer is `internal`. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly key: ErrorKey
  readonly details: ErrorDetails

  constructor(key: ErrorKey, details: ErrorDetails = {}, cause?: unknown) {
    super(details.message === undefined ? key : `${key}: ${details.message}`, cause === undefined ? undefined : { cause })
    this.key = key
    this.details = details
  }
}

export function isGatewayError(error: unknown): error is GatewayError {
  return error instanceof GatewayError
}
