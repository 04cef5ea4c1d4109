/**
 * What an operator can do, once: an operation is a name, a way over HTTP, schemas, the right that it takes and the event that it leaves. The admin
 * API, its OpenAPI document, the typed client and the command line's answers are made from the list (`admin/index.ts`); the rules behind an
 * operation are the server's core.
 */
import Type, { type Static, type TObject, type TSchema } from 'typebox'
import type { Right } from './rights.ts'

export const adminBasePath = '/admin/api/v1'

/**
 * Whom it is about, for callers who are held to named merchants:
 * - `merchant`: the merchant that its `agentId` names. Another's is not found.
 * - `own`: those merchants alone of which the caller may know; a list leaves the others out.
 * - `caller`: the caller and what is theirs.
 * - `everyone`: no merchant's in particular; whoever has the right may.
 * - `platform`: everybody; a caller held to merchants may not.
 */
export type Reach = 'merchant' | 'own' | 'caller' | 'everyone' | 'platform'

export interface AdminOperation<Input extends TObject = TObject, Output extends TSchema = TSchema> {
  readonly summary: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `adminBasePath`. `{name}` is a field of the input; of the others those of GET and DELETE are in the query, else in a JSON body. */
  readonly path: string
  /** A closed object schema. */
  readonly input: Input
  readonly output: Output
  readonly right: Right
  /** Fields that take a right of their own as soon as they are given and not false. */
  readonly fieldRights?: Readonly<Record<string, Right>>
  readonly reach: Reach
  /** Takes a fresh second factor, or an API token that was made for it. */
  readonly isConfirmed?: true
  /** The kind of event that it leaves, dotted, noun first; null where it changes nothing and reads no member's data. */
  readonly event: string | null
  /** `create` takes an Idempotency-Key; `change` takes If-Match, and what it gives and `read` gives carries an ETag. */
  readonly kind: 'list' | 'read' | 'create' | 'change' | 'act'
  /** Fields of the output that are secrets, in the answer of this call and nowhere else. */
  readonly secrets?: readonly string[]
  /** The largest body, where it may be larger than others'. */
  readonly bodyBytesMax?: number
}

/** Keeps the schemas' types while it holds the rest to the interface. */
export function operation<Input extends TObject, Output extends TSchema>(
  definition: AdminOperation<Input, Output>,
): AdminOperation<Input, Output> {
  return definition
}

export const closed = { additionalProperties: false } as const

/** Fields as a closed object. */
export function fields<T extends Record<string, TSchema>>(properties: T) {
  return Type.Object(properties, closed)
}

/** A page of a list: what the cursor of the page before names, or the beginning. */
export const pageFields = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'How many at most', rule: 'a whole number from 1 to 200' }),
  ),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, description: 'nextCursor of the page before', rule: 'the nextCursor of the page before' }),
  ),
}

export function page<T extends TSchema>(item: T) {
  return fields({ items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) })
}

export const time = Type.String({ description: 'ISO 8601, UTC', rule: 'a time as 2026-01-31T12:00:00.000Z' })
/** A time to compare with. */
export function timeFilter(description: string) {
  const pattern = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,3})?Z$'
  return Type.Optional(Type.String({ pattern, description, rule: 'a time as 2026-01-31T12:00:00Z' }))
}

export const timeOrNull = Type.Union([time, Type.Null()])

/** What carries an ETag: it changes with `updatedAt`. */
export const versioned = { createdAt: time, updatedAt: time }

/** The ETag of what was read, or null for what has none. */
export function etagOf(value: unknown): string | null {
  const updatedAt = (value as { updatedAt?: unknown } | null)?.updatedAt
  return typeof updatedAt === 'string' ? `"${Date.parse(updatedAt).toString(36)}"` : null
}

/** When what an ETag names was changed last, in ms; null for text that is none. */
export function etagTime(etag: string): number | null {
  const digits = /^"([0-9a-z]{1,11})"$/.exec(etag)?.[1]
  return digits === undefined ? null : Number.parseInt(digits, 36)
}

export type { Static }
