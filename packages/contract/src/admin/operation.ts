/**
 * An operation of the admin API: name, HTTP route, schemas, required right and recorded event. The API, its OpenAPI document, the typed client
 * and the command line's answers derive from the list in `admin/index.ts`; the rules are in the server's core.
 */
import Type, { type Static, type TObject, type TSchema } from 'typebox'
import { shownNamePattern } from '../escape-hidden.ts'
import type { Right } from './rights.ts'

export const adminBasePath = '/admin/api/v1'

/**
 * What it covers, for callers limited to some merchants:
 * - `merchant`: the merchant in `agentId`; others are not found.
 * - `own`: only merchants that the caller may see; lists leave out the rest.
 * - `caller`: the caller's own things.
 * - `everyone`: no particular merchant; any caller with the right may.
 * - `platform`: all merchants; callers limited to some may not.
 */
export type Reach = 'merchant' | 'own' | 'caller' | 'everyone' | 'platform'

export interface AdminOperation<Input extends TObject = TObject, Output extends TSchema = TSchema> {
  readonly summary: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `adminBasePath`. `{name}` is an input field; the others are in the query for GET and DELETE, else in a JSON body. */
  readonly path: string
  /** A closed object schema. */
  readonly input: Input
  readonly output: Output
  readonly right: Right
  /** Fields that require a further right when given and not false. */
  readonly fieldRights?: Readonly<Record<string, Right>>
  readonly reach: Reach
  /** Requires a fresh second factor, or an API token that allows it. */
  readonly isConfirmed?: true
  /** Of what people sign in with: no API token runs it, whatever it may confirm. */
  readonly isForPeople?: true
  /** Takes a short secret that somebody could guess: wrong ones (`not_found`) are limited per caller. */
  readonly isGuessable?: true
  /** The kind of event that it records, dotted, noun first; null if it changes nothing and reads no member's data. */
  readonly event: string | null
  /** `create` takes an Idempotency-Key; `change` takes If-Match. `read` and `change` return an ETag. */
  readonly kind: 'list' | 'read' | 'create' | 'change' | 'act'
  /** Secret fields of the output, returned by this call only. */
  readonly secrets?: readonly string[]
  /** Overrides the general body limit. */
  readonly bodyBytesMax?: number
}

/** Checks an operation against the interface and keeps its schemas' types. */
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

/** Paging: from the cursor of the previous page, or from the start. */
export const pageFields = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'Page size', rule: 'a whole number from 1 to 200' }),
  ),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1024,
      description: 'nextCursor of the previous page',
      rule: 'the nextCursor of the previous page',
    }),
  ),
}

export function page<T extends TSchema>(item: T) {
  return fields({ items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) })
}

/** A name that people give: it appears in lists, pages and events, so it contains no hidden characters and none that change text direction. */
export function shownName(description: string) {
  const rule = 'a name of 1 to 100 visible characters, without a space at either end'
  return Type.String({ minLength: 1, maxLength: 100, pattern: shownNamePattern, description, rule })
}

export const time = Type.String({ description: 'ISO 8601, UTC', rule: 'a time as 2026-01-31T12:00:00.000Z' })
/** A time, as a filter. */
export function timeFilter(description: string) {
  const pattern = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,3})?Z$'
  return Type.Optional(Type.String({ pattern, description, rule: 'a time as 2026-01-31T12:00:00Z' }))
}

export const timeOrNull = Type.Union([time, Type.Null()])

/** Fields of things with an ETag, which changes with `updatedAt`. */
export const versioned = { createdAt: time, updatedAt: time }

/** The ETag of an output, or null if it has none. */
export function etagOf(value: unknown): string | null {
  const updatedAt = (value as { updatedAt?: unknown } | null)?.updatedAt
  return typeof updatedAt === 'string' ? `"${Date.parse(updatedAt).toString(36)}"` : null
}

/** The time of the last change that an ETag names, in ms; null if malformed. */
export function etagTime(etag: string): number | null {
  const digits = /^"([0-9a-z]{1,11})"$/.exec(etag)?.[1]
  return digits === undefined ? null : Number.parseInt(digits, 36)
}

export type { Static }
