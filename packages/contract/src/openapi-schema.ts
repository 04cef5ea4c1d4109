import type { TObject } from 'typebox'
import type { FieldNotes } from './signed-call.ts'

/** A field's schema, with nested ones, as JSON Schema: its rule moves into the description; our own keywords go. */
export function publicField(field: object): Record<string, unknown> {
  const { rule, description, signed: _signed, kept: _kept, ...schema } = field as Partial<FieldNotes>
  const sentences = [description, rule].filter((sentence) => sentence !== undefined && sentence !== '')
  if (rule !== undefined && rule !== '') sentences.splice(-1, 1, `Must be ${rule}`)
  return { ...withPublicParts(schema), ...(sentences.length > 0 ? { description: markdown(`${sentences.join('. ')}.`) } : {}) }
}

/** The keywords with nested schemas (JSON Schema 2020-12) that we use. */
function withPublicParts(schema: Record<string, unknown>): Record<string, unknown> {
  const { properties, items, anyOf } = schema
  return {
    ...schema,
    ...(properties === undefined ? {} : { properties: publicProperties(properties as TObject['properties']) }),
    ...(items === undefined ? {} : { items: publicField(items as object) }),
    ...(anyOf === undefined ? {} : { anyOf: (anyOf as object[]).map(publicField) }),
  }
}

/** Descriptions are CommonMark, so text in angle brackets becomes code; otherwise it would be HTML. */
function markdown(text: string): string {
  return text.replace(/(?:\b[a-z]+-)?<\w+>(?:[_-]<\w+>)*/g, '`$&`')
}

/** An object schema of the contract as JSON Schema 2020-12. */
export function publicSchema(schema: TObject & { readonly additionalProperties?: unknown }): Record<string, unknown> {
  const { type, required, properties, additionalProperties } = schema
  return {
    type,
    properties: publicProperties(properties),
    ...(required !== undefined && required.length > 0 ? { required } : {}),
    ...(additionalProperties === undefined ? {} : { additionalProperties }),
  }
}

/** Each field's schema by name. */
export function publicProperties(properties: TObject['properties']): Record<string, Record<string, unknown>> {
  return Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, publicField(field)]))
}
