import { sql } from 'kysely'
import type { Connection } from '../sql/database.ts'

/** Indexes of members by name, and of locked ones. Neither is on a table that logins write. */
export async function up(tx: Connection): Promise<void> {
  await tx.schema.createIndex('members_name').on('members').columns(['agent_id', 'user_name', 'user_id']).execute()
  await sql`create index members_locked on members (agent_id, status, user_id) where status <> 'Active'`.execute(tx)
}
