import type { TObject } from 'typebox'
import type { FieldNotes } from './signed-call.ts'

/** A field's schema as JSON Schema, and those within it: its rule told in its description, and no keyword of our own. */
export function publicField(field: object): Record<string, unknown> {
  const { rule, description, signed: _signed, kept: _kept, ...schema } = field as Partial<FieldNotes>
  const sentences = [description, rule].filter((sentence) => sentence !== undefined && sentence !== '')
  if (rule !== undefined && rule !== '') sentences.splice(-1, 1, `Must be ${rule}`)
  return { ...withPublicParts(schema), ...(sentences.length > 0 ? { description: markdown(`${sentences.join('. ')}.`) } : {}) }
}

/** The keywords that hold other schemas (JSON Schema 2020-12), as far as we use them. */
function withPublicParts(schema: Record<string, unknown>): Record<string, unknown> {
  const { properties, items, anyOf } = schema
  return {
    ...schema,
    ...(properties === undefined ? {} : { properties: publicProperties(properties as TObject['properties']) }),
    ...(items === undefined ? {} : { items: publicField(items as object) }),
    ...(anyOf === undefined ? {} : { anyOf: (anyOf as object[]).map(publicField) }),
  }
}

/** Descriptions are CommonMark: what stands in angle brackets is made code, or it would be taken for HTML. */
function markdown(text: string): string {
  return text.replace(/(?:[a-z]+-)?<\w+>(?:[_-]<\w+>)*/g, '`$&`')
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

/** Each field's schema by its name. */
export function publicProperties(properties: TObject['properties']): Record<string, Record<string, unknown>> {
  return Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, publicField(field)]))
}
