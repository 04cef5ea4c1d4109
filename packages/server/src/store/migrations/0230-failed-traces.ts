import { sql } from 'kysely'
import type { Connection } from '../sql/database.ts'

/**
 * Indexes of refused calls' traces, which accepted calls' cost nothing. On PostgreSQL traces wait while they are built, a second for each million; nothing else does.
 */
export async function up(tx: Connection): Promise<void> {
  for (const table of ['traces', 'stranger_traces'] as const) {
    await sql`create index ${sql.ref(`${table}_failed`)} on ${sql.table(table)} (at, id) where is_failed = 1`.execute(tx)
    await sql`create index ${sql.ref(`${table}_agent_failed`)} on ${sql.table(table)} (agent_id, at, id) where is_failed = 1`.execute(tx)
  }
}
