import { parameterError, printable } from '@lobbykey/contract'
import type { AdminOperation } from '@lobbykey/contract/admin'
import type { FastifyRequest } from 'fastify'
import { readLargeJson } from '../read-large-json.ts'
import { readStrictQuery } from '../strict-query.ts'

const jsonLimits = { depthMax: 6, keysMax: 4_096, plainNumbers: true }

export interface OperationInput {
  readonly input: Record<string, unknown>
  /** Whether to check everything and change nothing. */
  readonly isDryRun: boolean
}

/**
 * Reads an operation's fields: path parameters from the path, the others from the query for GET and DELETE and from the body otherwise. A field given
 * in two places is refused.
 * @throws GatewayError invalid_parameter, invalid_body
 */
export async function readInput({ method, path, input: schema }: AdminOperation, request: FastifyRequest): Promise<OperationInput> {
  const { validateOnly, ...query } = readStrictQuery(request.url)
  const named = Object.fromEntries(Object.entries(request.params as Record<string, string>).filter(([name]) => path.includes(`{${name}}`)))
  const hasBody = method !== 'GET' && method !== 'DELETE'
  const [stray] = Object.keys(query)
  if (hasBody && stray !== undefined) throw parameterError(printable(stray), 'is not a parameter of this call')
  const given = hasBody ? await readBody(request) : fromText(query, schema.properties)
  const twice = Object.keys(named).find((name) => Object.hasOwn(given, name))
  if (twice !== undefined) throw parameterError(twice, 'is in the path already')
  if (validateOnly !== undefined && validateOnly !== 'true' && validateOnly !== 'false')
    throw parameterError('validateOnly', 'must be true or false')
  if (validateOnly === 'true' && method === 'GET') throw parameterError('validateOnly', 'goes with what changes something')
  const input = { ...given, ...named }
  // PostgreSQL stores no NUL.
  const unstorable = Object.keys(input).find((name) => hasNul(input[name]))
  if (unstorable !== undefined) throw parameterError(printable(unstorable), 'must not hold NUL')
  return { input, isDryRun: validateOnly === 'true' }
}

function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0')
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, item]) => key.includes('\0') || hasNul(item))
}

async function readBody(request: FastifyRequest): Promise<Record<string, unknown>> {
  if (request.headers['content-length'] === '0' || (request.body === undefined && request.headers['content-type'] === undefined)) return {}
  return readLargeJson(request, jsonLimits)
}

/** Converts numbers and booleans of a query by the schema; anything else stays text, and validation then refuses it by name. */
function fromText(query: Readonly<Record<string, unknown>>, properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([name, text]) => {
      const { type } = (properties[name] ?? {}) as { readonly type?: string }
      if (type === 'integer' && /^-?\d{1,15}$/.test(String(text))) return [name, Number(text)]
      if (type === 'boolean' && (text === 'true' || text === 'false')) return [name, text === 'true']
      return [name, text]
    }),
  )
}
