import type { TObject } from 'typebox'
import type { FieldNotes } from './signed-call.ts'

/** A field's schema as JSON Schema: its rule told in its description, and no keyword of our own. */
function publicField(field: object): Record<string, unknown> {
  const { rule, description, signed: _signed, kept: _kept, ...schema } = field as Partial<FieldNotes>
  const sentences = [description, rule === undefined ? undefined : `Must be ${rule}`].filter((sentence) => sentence !== undefined)
  return { ...schema, ...(sentences.length > 0 ? { description: markdown(`${sentences.join('. ')}.`) } : {}) }
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
