import type { PreparedRequest } from './prepared-request.ts'

export interface Answer {
  readonly request: PreparedRequest
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly text: string
  /** The body's JSON; null when it is not JSON. */
  readonly envelope: Envelope | null
  readonly durationMs: number
}

export interface Envelope {
  readonly code: string | number
  readonly message?: string
  readonly msg?: string
  readonly data: Readonly<Record<string, unknown>> | null
}

/** The result: an answer, or the reason why there is none. */
export type Outcome = { readonly answer: Answer } | { readonly failure: string }

/** Sends the request to this page's server. */
export async function sendRequest(request: PreparedRequest): Promise<Outcome> {
  const { operation, fields } = request
  const query = operation.method === 'GET' && hasFields(request) ? `?${new URLSearchParams(fields as Record<string, string>)}` : ''
  const startedAt = performance.now()
  try {
    const response = await fetch(operation.path + query, fetchOptions(request))
    const text = await response.text()
    const durationMs = performance.now() - startedAt
    return { answer: { request, status: response.status, headers: [...response.headers], text, envelope: parseEnvelope(text), durationMs } }
  } catch {
    return { failure: `There was no answer from ${location.origin}. Is the server running?` }
  }
}

function fetchOptions(request: PreparedRequest): RequestInit {
  const { operation, fields, bearer } = request
  const hasBody = operation.method === 'POST' && hasFields(request)
  return {
    method: operation.method,
    headers: {
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
    },
    ...(hasBody ? { body: JSON.stringify(fields) } : {}),
    credentials: 'omit',
    cache: 'no-store',
  }
}

function hasFields({ fields }: PreparedRequest): boolean {
  return Object.keys(fields).length > 0
}

/** The tokens from a seller's login or refresh, by the field names of later calls; otherwise empty. */
export function sellerTokens(outcome: Outcome): Readonly<Record<string, string>> {
  if (!('answer' in outcome) || outcome.answer.request.operation.api !== 'seller') return {}
  const { accessToken, refreshToken } = outcome.answer.envelope?.data ?? {}
  return typeof accessToken === 'string' && typeof refreshToken === 'string' ? { accessToken, refreshToken } : {}
}

export function isSuccess({ envelope }: Answer): boolean {
  return envelope?.code === 200 || envelope?.code === '0000'
}

function parseEnvelope(text: string): Envelope | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'code' in value ? (value as Envelope) : null
  } catch {
    return null
  }
}
