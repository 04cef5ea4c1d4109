import { type RawBuilder, sql } from 'kysely'
import type { Label } from '../store.ts'

/** Whether a column of labels has this one. Names and values have no quotes, so that the text tells. */
export function hasLabel({ name, value }: Label): RawBuilder<boolean> {
  const text = JSON.stringify({ [name]: value }).slice(1, -1)
  // `_` stands for any character in a pattern.
  return sql<boolean>`labels like ${`%${text.replaceAll('_', '\\_')}%`} escape '\\'`
}
