import type { ChangeStore, ChangeTopic } from '../store.ts'
import type { Database } from './database.ts'

export function changeStore(database: Database): ChangeStore {
  return {
    latestSeq: async () => {
      const row = await database.run((db) =>
        db
          .selectFrom('changes')
          .select((is) => is.fn.max('seq').as('seq'))
          .executeTakeFirst(),
      )
      return row?.seq ?? 0
    },

    since: async (seq, limit) => {
      const rows = await database.run((db) =>
        db.selectFrom('changes').select(['seq', 'topic', 'subject']).where('seq', '>', seq).orderBy('seq').limit(limit).execute(),
      )
      return rows.map((row) => ({ ...row, topic: row.topic as ChangeTopic }))
    },
  }
}
