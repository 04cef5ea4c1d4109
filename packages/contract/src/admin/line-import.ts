/** Imports of lines from a file: what all of them take and answer. */
import Type from 'typebox'
import { fields } from './operation.ts'

/** @param columns what a line holds */
export function importedLines(columns: readonly string[], says = 'The lines') {
  return {
    form: Type.Enum(['csv', 'ndjson'], {
      description: `csv with a header, or one JSON object per line: ${columns.join(', ')}`,
      rule: 'csv or ndjson',
    }),
    text: Type.String({ minLength: 1, maxLength: 1_000_000, description: says, rule: 'a text of up to 1000000 characters' }),
  }
}

export const importBytesMax = 4 * 1024 * 1024

export const importReport = fields({
  added: Type.Integer(),
  existing: Type.Integer({ description: 'Already existed: left unchanged' }),
  refused: Type.Array(fields({ line: Type.Integer({ description: 'From 1' }), reason: Type.String() })),
})
