import { escapeHidden } from '@lobbykey/contract/escape-hidden'
import { retryAfterOf } from '../shared/bounded-answer.ts'
import { shownRequestId } from '../shared/shown-request-id.ts'

/** A failure as the admin API tells it (RFC 9457). */
export interface Problem {
  readonly title: string
  readonly status: number
  readonly detail: string
  /** Decide by this: a key of docs/errors.md. */
  readonly key: string
  readonly field?: string
  readonly requestId: string
}

/** What went wrong, in words that say what to do, with the request ID. Never holds a token or secret. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
  /** What went wrong as the server wrote it, without the request ID: escape it before a terminal shows it. */
  readonly detail: string
  /** A key of docs/errors.md; `not_reached` when no answer came, `unexpected_answer` when it was none of the admin API's. */
  readonly key: string
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  /** The field at fault. */
  readonly field: string | null
  readonly requestId: string | null
  readonly retryAfterMs: number | null

  constructor(detail: string, facts: Pick<AdminError, 'key' | 'status' | 'field' | 'requestId' | 'retryAfterMs'>, cause?: unknown) {
    super(escapeHidden(detail + shownRequestId(facts.requestId)), cause === undefined ? undefined : { cause })
    this.detail = detail
    this.key = facts.key
    this.status = facts.status
    this.field = facts.field
    this.requestId = facts.requestId
    this.retryAfterMs = facts.retryAfterMs
  }

  static of({ status, headers }: Response, problem: Partial<Problem> | null): AdminError {
    return new AdminError(problem?.detail ?? `the answer was HTTP ${status} and no problem of the admin API`, {
      key: problem?.key ?? 'unexpected_answer',
      status,
      field: problem?.field ?? null,
      requestId: problem?.requestId ?? headers.get('x-request-id'),
      retryAfterMs: retryAfterOf(headers),
    })
  }

  static notReached(cause: unknown): AdminError {
    const { cause: reason, message } = cause as Error & { cause?: { code?: string; message?: string } }
    const text = reason?.code ?? reason?.message ?? message
    return new AdminError(
      `the server cannot be reached (${text})`,
      { key: 'not_reached', status: 0, field: null, requestId: null, retryAfterMs: null },
      cause,
    )
  }
}
