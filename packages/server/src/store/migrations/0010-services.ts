import { sql } from 'kysely'
import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/** Programs that may ask the gateway about tokens. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, bytes, number, tableEnd } = columnTypes(dialect)
  await tx.schema
    .createTable('services')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('status', text, (column) => column.notNull().check(sql`status in ('enabled', 'disabled')`))
    .addColumn('secret_hash', bytes, (column) => column.notNull())
    .addColumn('secret_created_at', number, (column) => column.notNull())
    .addColumn('previous_secret_hash', bytes)
    .addColumn('previous_good_until', number)
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('updated_at', number, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
}
