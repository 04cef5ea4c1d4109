import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/** Seals over events, signed and chained. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, bytes, number, tableEnd } = columnTypes(dialect)
  await tx.schema
    .createTable('seals')
    .addColumn('number', number, (column) => column.primaryKey())
    .addColumn('at', number, (column) => column.notNull())
    .addColumn('first_id', number, (column) => column.notNull())
    .addColumn('last_id', number, (column) => column.notNull())
    .addColumn('root', text, (column) => column.notNull())
    .addColumn('previous', text, (column) => column.notNull())
    .addColumn('signature', text, (column) => column.notNull())
    .addColumn('leaves', bytes, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
}
