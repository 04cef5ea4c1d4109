import type { ErrorKey } from './catalogue.ts'

/** What an envelope adds to the catalogue's text. All of it is public: no secrets, queries or file paths. */
export interface ErrorDetails {
  /** Appended to the public text, as `TEXT: message`. Names the field and its rule. */
  readonly message?: string
  /** The invalid field, for logs and events. */
  readonly field?: string
  /** Becomes `Retry-After`, rounded up to whole seconds. */
  readonly retryAfterMs?: number
  /** Becomes `Allow`. */
  readonly allow?: string
  /** What the merchant's list lacks, as an entry of it; for operators' traces. */
  readonly unlisted?: string
}

/** The only error that code throws on purpose. Anything else that reaches an envelope writer becomes `internal`. */
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
