import { randomSecret } from '../../core/base/random.ts'
import type { Database } from './database.ts'

const name = 'write-probe'

/** Writes one row, always the same, with something else in it each time: SQLite writes nothing where nothing changes. */
export async function writeProbe(database: Database): Promise<void> {
  const value = randomSecret(8)
  await database.run((db) =>
    db
      .insertInto('meta')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute(),
  )
}
