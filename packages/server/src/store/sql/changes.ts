import { sql } from 'kysely'
import type { ChangeStore, WrittenChange } from '../store.ts'
import type { Connection, Database } from './database.ts'
import { appendChanges, changeColumns, toChange } from './log.ts'

/** Larger than any process may be ahead of another. */
const gap = 1_000_000

/** @param onWritten gets this process's own changes */
export function changeStore(database: Database, onWritten: ChangeStore['onWritten']): ChangeStore {
  return {
    latestSeq: () => database.run(latestSeq),

    since: async (seq, limit) => {
      const rows = await database.run((db) =>
        db.selectFrom('changes').select(changeColumns).where('seq', '>', seq).orderBy('seq').limit(limit).execute(),
      )
      return rows.map(toChange)
    },

    listBreaks: async () => {
      const rows = await database.run((db) =>
        db.selectFrom('changes').select(changeColumns).where('topic', '=', sql.lit('store')).orderBy('seq').execute(),
      )
      return rows.map(toChange)
    },

    resumeAfter: (seq, { at, detail }) =>
      database.transaction(async (tx) => {
        const written: WrittenChange = { topic: 'store', subject: '*', at, detail }
        if (database.dialect === 'postgres') {
          await sql`select advance_changes_1(${seq + gap})`.execute(tx)
          await appendChanges(tx, [written])
        } else {
          // AUTOINCREMENT continues from the highest number any row ever had.
          await tx
            .insertInto('changes')
            .values({ ...written, seq: Math.max(seq + gap, await latestSeq(tx)) + 1 })
            .execute()
        }
      }),

    onWritten,
  }
}

async function latestSeq(db: Connection): Promise<number> {
  const row = await db
    .selectFrom('changes')
    .select((is) => is.fn.max('seq').as('seq'))
    .executeTakeFirst()
  return row?.seq ?? 0
}
