import type { ProcessState, ProcessStore } from '../store.ts'
import type { Database } from './database.ts'

export function processStore(database: Database): ProcessStore {
  return {
    beat: async ({ id, startedAt, seenAt, ...state }) => {
      const row = { seen_at: seenAt, state: JSON.stringify(state) }
      await database.run((db) =>
        db
          .insertInto('processes')
          .values({ id, started_at: startedAt, ...row })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute(),
      )
    },

    list: async (since) => {
      const rows = await database.run((db) => db.selectFrom('processes').selectAll().where('seen_at', '>=', since).orderBy('id').execute())
      const found = rows.map((row) => ({
        id: row.id,
        startedAt: row.started_at,
        seenAt: row.seen_at,
        ...(JSON.parse(row.state) as ProcessState),
      }))
      return found.toSorted((left, right) => (left.host < right.host ? -1 : left.host > right.host ? 1 : left.pid - right.pid))
    },

    leave: async (id) => {
      await database.run((db) => db.deleteFrom('processes').where('id', '=', id).execute())
    },
  }
}
