import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/** One-time links for a new password, at most one per seller; and how often a seller logged in while it held a fresh token. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, bytes, number, tableEnd } = columnTypes(dialect)
  await tx.schema
    .createTable('password_resets')
    .addColumn('seller_id', text, (column) => column.primaryKey().references('sellers.id'))
    .addColumn('token_hash', bytes, (column) => column.notNull().unique())
    .addColumn('expires_at', number, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema
    .alterTable('sellers')
    .addColumn('needless_logins', number, (column) => column.notNull().defaultTo(0))
    .execute()
}
