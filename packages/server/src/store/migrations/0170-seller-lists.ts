import { sql } from 'kysely'
import type { Connection } from '../sql/database.ts'

/** An index of disabled sellers by e-mail. */
export async function up(tx: Connection): Promise<void> {
  await sql`create index sellers_disabled on sellers (email) where status = 'disabled'`.execute(tx)
}
