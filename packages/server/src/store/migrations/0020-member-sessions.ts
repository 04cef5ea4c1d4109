import { sql } from 'kysely'
import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/** Guests, lobby tickets, what the lobby reported of a session, and when a merchant's key last verified a request. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, bytes, number } = columnTypes(dialect)
  const add = (table: 'member_sessions' | 'merchant_keys') => tx.schema.alterTable(table)
  await add('member_sessions')
    .addColumn('kind', text, (column) => column.notNull().defaultTo('member').check(sql`kind in ('member', 'guest')`))
    .execute()
  await add('member_sessions').addColumn('amount', text).execute()
  await add('member_sessions').addColumn('ticket_hash', bytes).execute()
  await add('member_sessions').addColumn('ticket_expires_at', number).execute()
  await add('member_sessions').addColumn('entered_at', number).execute()
  await add('member_sessions').addColumn('end_acknowledged_at', number).execute()
  await add('merchant_keys').addColumn('last_used_at', number).execute()
  // Partial: a session without a ticket, as nearly all are, costs these indexes nothing.
  await tx.schema
    .createIndex('member_sessions_ticket')
    .unique()
    .on('member_sessions')
    .column('ticket_hash')
    .where(sql.ref('ticket_hash'), 'is not', null)
    .execute()
  await tx.schema
    .createIndex('member_sessions_ticket_expiry')
    .on('member_sessions')
    .column('ticket_expires_at')
    .where(sql.ref('ticket_expires_at'), 'is not', null)
    .execute()
}
