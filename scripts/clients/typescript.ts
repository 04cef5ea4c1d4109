import { clientFacts, type SignedCall, signedCalls } from '@lobbykey/contract'
import { generatedNote } from './note.ts'

interface FieldSchema {
  readonly description: string
  readonly enum?: readonly string[]
  readonly type?: string
}

/** The facts, and the input types of each call. Formatted by the repository's formatter afterwards. */
export function typescriptContract(vector: object): string {
  return [
    `// ${generatedNote}`,
    '',
    `export const facts = ${JSON.stringify(clientFacts, null, 2)}`,
    '',
    '/** The published example: what a library that signs right signs. */',
    `export const vector = ${JSON.stringify(vector, null, 2)}`,
    '',
    ...signedCalls.flatMap(fieldsInterface),
  ].join('\n')
}

function fieldsInterface({ name, schema }: SignedCall): string[] {
  const required = schema.required ?? []
  const own = ['agent_id', 'timestamp', 'sign']
  const lines = Object.entries(schema.properties as unknown as Record<string, FieldSchema>)
    .filter(([field]) => !own.includes(field))
    .map(([field, property]) => {
      // The client makes a session token when none is given.
      const isOptional = !required.includes(field) || field === 'token'
      return `  /** ${property.description} */\n  readonly ${field}${isOptional ? '?: undefined |' : ':'} ${typeOf(property)}`
    })
  return [`export interface ${pascal(name)}Fields {`, ...lines, '}', '']
}

function typeOf({ enum: values, type }: FieldSchema): string {
  if (values !== undefined) return values.map((value) => `'${value}'`).join(' | ')
  return type === 'object' ? 'Readonly<Record<string, string>>' : 'string'
}

function pascal(name: string): string {
  return name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())
}
