import { facts } from '../generated/contract.ts'

export interface ErrorFacts {
  readonly code: number | string | null
  readonly key: string
  readonly status: number
  readonly whatToDo: string
  readonly mayRepeat: boolean
  readonly requestId: string | null
  readonly retryAfterMs: number | null
}

/** What went wrong, in words that say what to do. Never holds a key, a password or a token. */
export class LobbykeyError extends Error implements ErrorFacts {
  override readonly name = 'LobbykeyError'
  /** `code` of the answer; null when there was no answer of the gateway. */
  readonly code: number | string | null
  /** Decide by this: a key of docs/errors.md, or `not_reached` or `unexpected_answer`. */
  readonly key: string
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  readonly whatToDo: string
  /** Whether the same call can go well later, with nothing changed. */
  readonly mayRepeat: boolean
  /** Tell it to the operator when something needs looking into. */
  readonly requestId: string | null
  readonly retryAfterMs: number | null

  constructor(message: string, { code, key, status, whatToDo, mayRepeat, requestId, retryAfterMs }: ErrorFacts, cause?: unknown) {
    super(`${message}. ${whatToDo}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.key = key
    this.status = status
    this.whatToDo = whatToDo
    this.mayRepeat = mayRepeat
    this.requestId = requestId
    this.retryAfterMs = retryAfterMs
  }
}

/** An answer, read whole. */
export interface Answer {
  readonly status: number
  readonly requestId: string | null
  readonly retryAfterMs: number | null
  readonly advice: string | null
  /** Null where it is no JSON object. */
  readonly body: { readonly code?: unknown; readonly message?: string; readonly msg?: string; readonly data?: unknown } | null
}

export async function readAnswer(response: Response): Promise<Answer> {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return {
    status: response.status,
    requestId: response.headers.get('x-request-id'),
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null,
    advice: response.headers.get('x-token-advice'),
    body: parseObject(await response.text()),
  }
}

/** The failure that an answer tells by the codes of its API. */
export function errorOf(api: 'member' | 'seller', answer: Answer, change: Partial<ErrorFacts> = {}): LobbykeyError {
  const { status, requestId, retryAfterMs, body } = answer
  const code = typeof body?.code === 'number' || typeof body?.code === 'string' ? body.code : null
  const row = findRow(api, code, status)
  const said = body?.message ?? body?.msg
  if (row === undefined || said === undefined) return unexpectedAnswer(answer)
  return new LobbykeyError(`${code} ${said}`, {
    code,
    key: row.key,
    status,
    whatToDo: row.cure,
    mayRepeat: row.retry === 'later',
    requestId,
    retryAfterMs,
    ...change,
  })
}

export function notReached(cause: unknown): LobbykeyError {
  const { cause: reason, message } = cause as Error & { cause?: { code?: string; message?: string } }
  return new LobbykeyError(
    `The gateway did not answer (${reason?.code ?? reason?.message ?? message})`,
    {
      code: null,
      key: 'not_reached',
      status: 0,
      whatToDo: 'Check baseUrl and the network; what was sent may have taken effect.',
      mayRepeat: true,
      requestId: null,
      retryAfterMs: null,
    },
    cause,
  )
}

function unexpectedAnswer({ status, requestId, retryAfterMs }: Answer): LobbykeyError {
  return new LobbykeyError(`HTTP ${status} came, and no answer of the gateway`, {
    code: null,
    key: 'unexpected_answer',
    status,
    whatToDo: 'Check baseUrl; a proxy may have answered in the gateway’s place.',
    mayRepeat: status >= 500 || status === 429,
    requestId,
    retryAfterMs,
  })
}

function findRow(api: 'member' | 'seller', code: number | string | null, status: number) {
  const rows = api === 'member' ? facts.memberCodes : facts.sellerCodes
  return rows.find((row) => row.code === code && (row.status === 0 || row.status === status)) ?? rows.find((row) => row.code === code)
}

function parseObject(text: string): Answer['body'] {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
