import Type, { type Static } from 'typebox'

const name = '[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?'
const value = '[A-Za-z0-9._-]{0,63}'

/** What operators sort things by: their own names and values, which mean nothing to the server. */
export const labels = Type.Record(Type.String({ pattern: `^${name}$` }), Type.String({ pattern: `^${value}$` }), {
  maxProperties: 16,
  additionalProperties: false,
  description: 'Names and values of your own, to find things by',
  rule: 'at most 16 names (1 to 63 of a-z 0-9 . _ -) with values (up to 63 of A-Z a-z 0-9 . _ -)',
})

export type Labels = Static<typeof labels>

/** For lists: those with this label. */
export const labelFilter = Type.String({
  pattern: `^${name}=${value}$`,
  description: 'Those with this label',
  rule: 'a label, name=value',
})

/** A label as it is written for lists and on the command line; null when it is of another form. */
export function parseLabel(text: string): { readonly name: string; readonly value: string } | null {
  const [, found, of] = new RegExp(`^(${name})=(${value})$`).exec(text) ?? []
  return found === undefined || of === undefined ? null : { name: found, value: of }
}
