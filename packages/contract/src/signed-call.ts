import type { TObject } from 'typebox'

/**
 * What stands on a field's line beside its schema. `description` is its meaning for people, `rule` completes "FIELD must be …". From the other two
 * follow the canonical string, the digest of what a signature leaves open, what a session keeps, and what the session check shows.
 */
export interface FieldNotes {
  readonly description: string
  readonly rule: string
  readonly examples?: readonly unknown[]
  /** Whether the signature covers it, `always` unless said; `by-profile`: as the merchant's profile says of the callback. */
  readonly signed?: 'always' | 'by-profile' | 'never'
  /**
   * The session keeps it as it was sent, and the gateway has no rule about it later. The session check shows it under its name, or `resolved`: what
   * it stands for at that moment.
   */
  readonly kept?: 'shown' | 'resolved'
}

/** One signed call of the member API. */
export interface SignedCall<S extends TObject = TObject> {
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** A closed object schema; its properties are the only fields the call takes. */
  readonly schema: S
  /** Fields outside the signature whatever the merchant's profile, `sign` among them. */
  readonly unsigned: readonly string[]
  /** Fields that the merchant's profile decides about. */
  readonly byProfile: readonly string[]
  /** Fields that the session keeps as they were sent. */
  readonly kept: readonly string[]
  /** Fields whose empty text says something; all others are absent when empty. The signature leaves them out all the same. */
  readonly clearable?: readonly string[]
}

/** What the lines of its fields say of a call. */
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
