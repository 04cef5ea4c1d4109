import type { MetaStore } from '../store.ts'
import type { Connection, Database } from './database.ts'

export function metaStore(database: Database): MetaStore {
  return {
    find: (name) => database.run((db) => findValue(db, name)),

    putIfAbsent: (name, value) =>
      database.transaction(async (tx) => {
        await tx
          .insertInto('meta')
          .values({ name, value })
          .onConflict((conflict) => conflict.column('name').doNothing())
          .execute()
        return (await findValue(tx, name)) ?? value
      }),

    put: (name, value) =>
      database.transaction(async (tx) => {
        await tx
          .insertInto('meta')
          .values({ name, value })
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
          .execute()
      }),
  }
}

async function findValue(db: Connection, name: string): Promise<Uint8Array | null> {
  const row = await db.selectFrom('meta').select('value').where('name', '=', name).executeTakeFirst()
  return row?.value ?? null
}
