import { escapeHidden } from '@lobbykey/contract/escape-hidden'
import { facts } from '../generated/contract.ts'
import { bytesMax, retryAfterOf, textOf } from './bounded-answer.ts'
import { shownRequestId } from './shown-request-id.ts'

/** An error's text stays short, whoever answered. */
const saidMax = 500
const accessTokenForm = new RegExp(facts.accessToken)

export interface ErrorFacts {
  readonly code: number | string | null
  readonly key: string
  readonly status: number
  readonly whatToDo: string
  readonly mayRepeat: boolean
  readonly requestId: string | null
  readonly retryAfterMs: number | null
}

/** What went wrong, in words that say what to do. Never holds a key, a password or a token, and of what others wrote nothing that a terminal obeys. */
export class LobbykeyError extends Error implements ErrorFacts {
  override readonly name = 'LobbykeyError'
  /** `code` of the answer; null when there was no answer of the gateway. */
  readonly code: number | string | null
  /** Decide by this: a key of docs/errors.md, or `not_reached`, `unexpected_answer` or `tokens_busy`. */
  readonly key: string
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  readonly whatToDo: string
  /** Whether the same call may succeed later, unchanged. */
  readonly mayRepeat: boolean
  /** X-Request-Id of the answer: tell it to the operator when something needs looking into. */
  readonly requestId: string | null
  readonly retryAfterMs: number | null

  constructor(message: string, { code, key, status, whatToDo, mayRepeat, requestId, retryAfterMs }: ErrorFacts, cause?: unknown) {
    super(escapeHidden(`${message}. ${whatToDo}${shownRequestId(requestId)}`), cause === undefined ? undefined : { cause })
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
  readonly headers: Headers
  /** Null where it is no JSON object. */
  readonly body: { readonly code?: unknown; readonly message?: unknown; readonly msg?: unknown; readonly data?: unknown } | null
}

/** Asks once, and takes what the caller wants of the answer. @throws LobbykeyError not_reached, or for an answer larger than any of the gateway's */
export async function exchange<T>(send: typeof fetch, url: string, init: RequestInit, take: (answer: Answer) => T): Promise<T> {
  let response: Response
  let text: string | null
  try {
    response = await send(url, init)
    text = await textOf(response)
  } catch (error) {
    throw notReached(error)
  }
  return take(answerOf(response, text))
}

/** @throws LobbykeyError for an answer larger than any of the gateway's */
export async function readAnswer(response: Response): Promise<Answer> {
  return answerOf(response, await textOf(response))
}

function answerOf(response: Response, text: string | null): Answer {
  if (text === null) throw unexpectedAnswer(response, `The answer is larger than ${bytesMax} bytes`, false)
  return { status: response.status, headers: response.headers, body: parseObject(text) }
}

/** X-Request-Id of an answer. */
export function requestIdOf({ headers }: Pick<Answer, 'headers'>): string | null {
  return headers.get('x-request-id')
}

/** The failure that an answer tells by the codes of its API. */
export function errorOf(api: 'member' | 'seller', answer: Answer, change: Partial<ErrorFacts> = {}): LobbykeyError {
  const { status, headers, body } = answer
  const code = typeof body?.code === 'number' || typeof body?.code === 'string' ? body.code : null
  const row = findRow(api, code, status)
  const said = body?.message ?? body?.msg
  if (row === undefined || typeof said !== 'string') {
    return unexpectedAnswer(answer, `HTTP ${status} came, which is not an answer of the gateway`, status >= 500 || status === 429)
  }
  return new LobbykeyError(`${code} ${said.slice(0, saidMax)}`, {
    code,
    key: row.key,
    status,
    whatToDo: row.cure,
    mayRepeat: row.retry === 'later',
    requestId: requestIdOf(answer),
    retryAfterMs: retryAfterOf(headers),
    ...change,
  })
}

/** A success has to hold what the contract says: fields by their types, `string`, `integer`, `array` or `access token`. @throws LobbykeyError */
export function dataOf(answer: Answer, types: Readonly<Record<string, string>>): Record<string, unknown> {
  const given = answer.body?.data
  const data = (typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {}) as Record<string, unknown>
  for (const name in types)
    if (!isOf(types[name], data[name])) throw unexpectedAnswer(answer, `The answer is a success without ${name}`, false)
  return data
}

/** Whether it is a text that a header can carry: runtimes quote the header that they refuse, so that its error would hold the token. */
export function isAccessToken(value: unknown): value is string {
  return typeof value === 'string' && accessTokenForm.test(value)
}

function isOf(type: string | undefined, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value)
  if (type === 'access token') return isAccessToken(value)
  return type === 'integer' ? Number.isSafeInteger(value) : typeof value === type
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

/** Others renew the tokens, and this caller's time is over. */
export function tokensBusy(): LobbykeyError {
  return new LobbykeyError('Another caller or process is renewing the tokens, and did not finish in time', {
    code: null,
    key: 'tokens_busy',
    status: 0,
    whatToDo: 'Call again; if this continues, look for a process that hangs while it holds the lock of the storage.',
    mayRepeat: true,
    requestId: null,
    retryAfterMs: null,
  })
}

function unexpectedAnswer(answer: Pick<Answer, 'status' | 'headers'>, message: string, mayRepeat: boolean): LobbykeyError {
  return new LobbykeyError(message, {
    code: null,
    key: 'unexpected_answer',
    status: answer.status,
    whatToDo: 'Check baseUrl; a proxy may have answered in the gateway’s place.',
    mayRepeat,
    requestId: requestIdOf(answer),
    retryAfterMs: retryAfterOf(answer.headers),
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
