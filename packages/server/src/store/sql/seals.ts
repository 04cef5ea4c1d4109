import type { Selectable } from 'kysely'
import type { SealRecord, SealStore } from '../store.ts'
import type { Database } from './database.ts'
import { toEvent } from './events.ts'
import type { Tables } from './tables.ts'

export function sealStore(database: Database): SealStore {
  return {
    last: async () => {
      const row = await database.run((db) => db.selectFrom('seals').selectAll().orderBy('number', 'desc').limit(1).executeTakeFirst())
      return row === undefined ? null : toSeal(row)
    },

    list: async ({ after, limit }) => {
      const rows = await database.run((db) =>
        db.selectFrom('seals').selectAll().where('number', '>', after).orderBy('number').limit(limit).execute(),
      )
      return rows.map(toSeal)
    },

    append: async ({ firstId, lastId, ...seal }) => {
      const added = await database.run((db) =>
        db
          .insertInto('seals')
          .values({ ...seal, first_id: firstId, last_id: lastId })
          .onConflict((conflict) => conflict.column('number').doNothing())
          .returning('number')
          .executeTakeFirst(),
      )
      return added !== undefined
    },

    newestEvent: async () => {
      const row = await database.run((db) => db.selectFrom('events').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst())
      return row?.id ?? 0
    },

    events: async ({ after, until, limit }) => {
      const rows = await database.run((db) =>
        db.selectFrom('events').selectAll().where('id', '>', after).where('id', '<=', until).orderBy('id').limit(limit).execute(),
      )
      return rows.map(toEvent)
    },
  }
}

function toSeal({ first_id: firstId, last_id: lastId, ...row }: Selectable<Tables['seals']>): SealRecord {
  return { ...row, firstId, lastId }
}
