import type { TObject } from 'typebox'

/**
 * Annotations of a field's schema. `rule` completes "FIELD must be …". `signed` and `kept` determine the canonical string, the digest of unsigned
 * fields, what a session keeps and what the session check shows.
 */
export interface FieldNotes {
  readonly description: string
  readonly rule: string
  readonly examples?: readonly unknown[]
  /** Whether the signature covers it; default `always`. `by-profile`: the merchant's callback rule decides. */
  readonly signed?: 'always' | 'by-profile' | 'never'
  /** The session keeps it as sent. The session check shows it as sent, or `resolved` to what it currently refers to. */
  readonly kept?: 'shown' | 'resolved'
}

/** One signed call of the member API. */
export interface SignedCall<S extends TObject = TObject> {
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** A closed object schema: other fields are refused. */
  readonly schema: S
  /** Fields outside the signature under every profile, including `sign`. */
  readonly unsigned: readonly string[]
  /** Fields that the merchant's profile decides on. */
  readonly byProfile: readonly string[]
  /** Fields that the session keeps as sent. */
  readonly kept: readonly string[]
  /** Fields whose empty text means "clear"; all others are absent when empty. The signature leaves them out either way. */
  readonly clearable?: readonly string[]
}

/** Derives the field lists from the annotations. */
export function signedCall<S extends TObject>(call: Omit<SignedCall<S>, 'unsigned' | 'byProfile' | 'kept'>): SignedCall<S> {
  const namesOf = (isMeant: (notes: Partial<FieldNotes>) => boolean) =>
    Object.entries(call.schema.properties).flatMap(([name, field]) => (isMeant(field as Partial<FieldNotes>) ? [name] : []))
  return {
    ...call,
    unsigned: namesOf(({ signed }) => signed === 'never'),
    byProfile: namesOf(({ signed }) => signed === 'by-profile'),
    kept: namesOf(({ kept }) => kept !== undefined),
  }
}
