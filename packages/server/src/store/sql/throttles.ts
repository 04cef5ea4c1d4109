import { sql } from 'kysely'
import type { ThrottleStore } from '../store.ts'
import { type Database, larger } from './database.ts'

export function throttleStore(database: Database): ThrottleStore {
  const { dialect } = database
  return {
    read: async (keys) => {
      if (keys.length === 0) return []
      const rows = await database.run((db) => db.selectFrom('throttles').selectAll().where('key', 'in', keys).orderBy('key').execute())
      return rows.map((row) => ({ key: row.key, failures: row.failures, lastFailedAt: row.last_failed_at, tat: row.tat }))
    },

    fail: async (keys, { now, tatStepMs, expiresAt, count = 1 }) => {
      if (keys.length === 0) return
      // Sorted, so that two that fail at once lock the rows in one order.
      const rows = [...new Set(keys)].sort().map((key) => ({
        key,
        failures: count,
        last_failed_at: now,
        tat: now + tatStepMs,
        expires_at: expiresAt,
      }))
      // One statement counts: nothing is read before and written after. A row past its expiry counts anew.
      await database.run((db) =>
        db
          .insertInto('throttles')
          .values(rows)
          .onConflict((conflict) =>
            conflict.column('key').doUpdateSet((is) => ({
              failures: sql<number>`case when ${is.ref('throttles.expires_at')} <= ${now} then ${count} else ${is.ref('throttles.failures')} + ${count} end`,
              last_failed_at: larger(dialect, is.ref('throttles.last_failed_at'), now),
              tat: sql<number>`${larger(dialect, is.ref('throttles.tat'), now)} + ${tatStepMs}`,
              expires_at: larger(dialect, is.ref('throttles.expires_at'), expiresAt),
            })),
          )
          .execute(),
      )
    },

    clear: async (keys) => {
      if (keys.length > 0) await database.run((db) => db.deleteFrom('throttles').where('key', 'in', keys).execute())
    },
  }
}
