import { type Selectable, sql } from 'kysely'
import type { EventInput, Throttle, ThrottleFailure, ThrottleStore } from '../store.ts'
import { type Connection, type Database, type Dialect, larger } from './database.ts'
import { appendEvents } from './log.ts'
import type { Tables } from './tables.ts'

export function throttleStore(database: Database): ThrottleStore {
  return {
    read: async (keys) => {
      if (keys.length === 0) return []
      const rows = await database.run((db) => db.selectFrom('throttles').selectAll().where('key', 'in', keys).orderBy('key').execute())
      return rows.map(toThrottle)
    },

    list: async ({ now, limit, after = '' }) => {
      const rows = await database.run((db) =>
        db.selectFrom('throttles').selectAll().where('key', '>', after).where('expires_at', '>', now).orderBy('key').limit(limit).execute(),
      )
      return rows.map(toThrottle)
    },

    fail: async (keys, failure, event) => {
      if (keys.length > 0) await withEvent(database, event, (db) => countFailure(database.dialect, db, keys, failure))
    },

    clearBelow: async (key, failures) => {
      await database.run((db) => db.deleteFrom('throttles').where('key', '=', key).where('failures', '<', failures).execute())
    },

    clear: async (keys, event) => {
      if (keys.length > 0) await withEvent(database, event, (db) => db.deleteFrom('throttles').where('key', 'in', keys).execute())
    },
  }
}

function toThrottle(row: Selectable<Tables['throttles']>): Throttle {
  return { key: row.key, failures: row.failures, lastFailedAt: row.last_failed_at, tat: row.tat }
}

/** A count alone is one statement; with an event it needs a transaction. */
async function withEvent(database: Database, event: EventInput | undefined, work: (db: Connection) => Promise<unknown>): Promise<void> {
  if (event === undefined) {
    await database.run(work)
    return
  }
  await database.transaction(async (tx) => {
    await work(tx)
    await appendEvents(tx, [event])
  })
}

/** A single statement counts, without a read before the write. An expired row starts again. */
function countFailure(
  dialect: Dialect,
  db: Connection,
  keys: readonly string[],
  { now, tatStepMs, expiresAt, count = 1 }: ThrottleFailure,
): Promise<unknown> {
  // Sorted, so that concurrent failures lock the rows in one order.
  const rows = [...new Set(keys)].sort().map((key) => ({
    key,
    failures: count,
    last_failed_at: now,
    tat: now + tatStepMs,
    expires_at: expiresAt,
  }))
  return db
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
    .execute()
}
