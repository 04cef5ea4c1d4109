import { randomSecret } from '../../core/base/random.ts'
import type { Database } from './database.ts'

const name = 'write-probe'

/** Writes always the same row, with a new value each time, since SQLite skips writes that change nothing. */
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
