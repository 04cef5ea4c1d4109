import { type RawBuilder, sql } from 'kysely'
import type { Label } from '../store.ts'

/** Condition: a column of labels contains this one. Names and values have no quotes, so that matching the JSON text is exact. */
export function hasLabel({ name, value }: Label): RawBuilder<boolean> {
  const text = JSON.stringify({ [name]: value }).slice(1, -1)
  // Both databases have this; SQLite's patterns ignore case.
  return sql<boolean>`replace(labels, ${text}, '') <> labels`
}
