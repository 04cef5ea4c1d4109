import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/** Encrypted secrets waiting to be collected through a one-time link. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, bytes, number, tableEnd } = columnTypes(dialect)
  await tx.schema
    .createTable('hand_overs')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('token_hash', bytes, (column) => column.notNull().unique())
    .addColumn('sealed_secret', bytes, (column) => column.notNull())
    .addColumn('what', text, (column) => column.notNull())
    .addColumn('agent_id', text)
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('expires_at', number, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema.createIndex('hand_overs_expiry').on('hand_overs').column('expires_at').execute()
}
