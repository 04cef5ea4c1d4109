import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { sqliteFileOf } from './database-url.ts'
import { openStore, type SqlStore, usualApplicationName } from './open-store.ts'

/** Application name by which a copy does not count as another user. */
export const copyApplicationName = 'lobbykey store copy'

const attemptsMax = 10
const pauseMs = 100

/** Which other Lobbykey processes have this store open, in words for the operator; null when none. @throws GatewayError store_unavailable */
export async function findOtherUsers(url: string): Promise<string | null> {
  const store = await openStore({ url, poolSize: 1, applicationName: copyApplicationName })
  try {
    await store.ping()
    if (store.dialect === 'postgres') return await findNodes(store)
  } finally {
    await store.close()
  }
  const path = sqliteFileOf(url)
  return path !== null && isSqliteInUse(path) ? 'another process has the file open' : null
}

const nodesQuery = sql<{ pid: number }>`
  select pid from pg_stat_activity where datname = current_database() and application_name = ${usualApplicationName} order by pid`

/** A process that has just ended may still be connected for a moment. */
async function findNodes({ database }: SqlStore): Promise<string | null> {
  for (let attempt = 1; ; attempt++) {
    const { rows } = await database.run((db) => nodesQuery.execute(db))
    if (rows.length === 0) return null
    if (attempt === attemptsMax) return `PostgreSQL serves Lobbykey there in its processes ${rows.map(({ pid }) => pid).join(', ')}`
    await wait(pauseMs)
  }
}

// SQLite result codes; the low byte is the kind.
const notDatabaseCodes = new Set([11 /* CORRUPT */, 26 /* NOTADB */])

/** Whether another process has the file open: in WAL mode each holds a shared lock meanwhile. A damaged file serves nobody. */
export function isSqliteInUse(path: string): boolean {
  const file = new DatabaseSync(path, { timeout: 0 })
  try {
    file.exec('pragma locking_mode = exclusive; begin exclusive; rollback')
    return false
  } catch (error) {
    return !notDatabaseCodes.has(Number((error as { errcode?: unknown }).errcode) & 0xff)
  } finally {
    file.close()
  }
}
