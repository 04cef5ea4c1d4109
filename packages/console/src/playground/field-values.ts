import { GatewayError, verifyField } from '@lobbykey/contract'

export type FieldSchema = Parameters<typeof verifyField>[1]

export type FieldKind = 'text' | 'choice' | 'map'

interface SchemaShape {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly anyOf?: readonly SchemaShape[]
}

export function fieldKind(schema: FieldSchema): FieldKind {
  const shape = schema as SchemaShape
  if (shape.enum !== undefined) return 'choice'
  return shape.type === 'object' ? 'map' : 'text'
}

export function fieldChoices(schema: FieldSchema): readonly string[] {
  return (schema as SchemaShape).enum ?? []
}

/** The JSON value of a text: an object or an integer where the field takes one, else the text. */
export function fieldValue(schema: FieldSchema, text: string): unknown {
  const shape = schema as SchemaShape
  if (shape.type === 'object') {
    try {
      return JSON.parse(text)
    } catch {
      return text
    }
  }
  const takesNumbers = shape.type === 'integer' || shape.anyOf?.some(({ type }) => type === 'integer') === true
  return takesNumbers && /^(?:0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : text
}

/** What is wrong with a text by the contract's rule, or null. An empty text is wrong only for a required field. */
export function fieldProblem(name: string, schema: FieldSchema, text: string, isRequired: boolean): string | null {
  if (text === '') return isRequired ? 'is required' : null
  try {
    verifyField(name, schema, fieldValue(schema, text))
    return null
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return error.details.message?.replace(`${name} `, '') ?? 'is not within its rule'
  }
}
