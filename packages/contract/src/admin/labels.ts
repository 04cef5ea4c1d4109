import Type, { type Static } from 'typebox'

const name = '[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?'
const value = '[A-Za-z0-9._-]{0,63}'

/** Operators' own names and values, without meaning to the server. */
export const labels = Type.Record(Type.String({ pattern: `^${name}$` }), Type.String({ pattern: `^${value}$` }), {
  maxProperties: 16,
  additionalProperties: false,
  description: 'Your own names and values, for filtering',
  rule: 'at most 16 names (1 to 63 of a-z 0-9 . _ -) with values (up to 63 of A-Z a-z 0-9 . _ -)',
})

export type Labels = Static<typeof labels>

/** Filter of lists. */
export const labelFilter = Type.String({
  pattern: `^${name}=${value}$`,
  description: 'Only those with this label',
  rule: 'a label, name=value',
})

/** Parses `name=value`; null if malformed. */
export function parseLabel(text: string): { readonly name: string; readonly value: string } | null {
  const [, found, of] = new RegExp(`^(${name})=(${value})$`).exec(text) ?? []
  return found === undefined || of === undefined ? null : { name: found, value: of }
}
