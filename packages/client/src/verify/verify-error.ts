export type VerifyReason = 'missing' | 'invalid' | 'expired' | 'revoked' | 'unsure'

/** By reason: status, code and text as the gateway itself answers. */
const answers: Readonly<Record<VerifyReason, readonly [status: number, code: string, text: string]>> = {
  missing: [401, '10008', 'Access token is missing or invalid'],
  invalid: [401, '10008', 'Access token is missing or invalid'],
  expired: [401, '10009', 'Access token has expired'],
  revoked: [401, '10010', 'Access token has been revoked'],
  unsure: [503, '10004', 'Service unavailable, retry'],
}

/** A token that is not let in. `unsure`: keys or revocation feed cannot be had, so that nothing is let in. */
export class VerifyError extends Error {
  override readonly name = 'VerifyError'
  readonly reason: VerifyReason
  readonly status: number
  readonly code: string

  constructor(reason: VerifyReason, cause?: unknown) {
    const [status, code, text] = answers[reason]
    super(text, cause === undefined ? undefined : { cause })
    this.reason = reason
    this.status = status
    this.code = code
  }

  get headers(): Readonly<Record<string, string>> {
    if (this.status === 503) return { 'retry-after': '1' }
    return { 'www-authenticate': this.reason === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"' }
  }

  /** The answer in the seller API's envelope. */
  toResponse(): Response {
    const body = { code: this.code, msg: this.message, time: new Date().toISOString(), data: null }
    return Response.json(body, { status: this.status, headers: { ...this.headers, 'cache-control': 'no-store' } })
  }
}
