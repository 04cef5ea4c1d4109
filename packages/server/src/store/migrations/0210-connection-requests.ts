import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/** Programs that wait for an operator to give them a token. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, bytes, number, tableEnd } = columnTypes(dialect)
  await tx.schema
    .createTable('connection_requests')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('device_hash', bytes, (column) => column.notNull().unique())
    .addColumn('code_hash', bytes, (column) => column.notNull().unique())
    .addColumn('host', text, (column) => column.notNull())
    .addColumn('user_name', text, (column) => column.notNull())
    .addColumn('address', text)
    .addColumn('address_key', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('rights', text)
    .addColumn('agent_ids', text)
    .addColumn('days', number, (column) => column.notNull())
    .addColumn('allow_confirmed', number, (column) => column.notNull())
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('expires_at', number, (column) => column.notNull())
    .addColumn('polled_at', number)
    .addColumn('poll_seconds', number, (column) => column.notNull())
    .addColumn('decision', text)
    .addColumn('operator_id', text)
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema.createIndex('connection_requests_expiry').on('connection_requests').column('expires_at').execute()
}
