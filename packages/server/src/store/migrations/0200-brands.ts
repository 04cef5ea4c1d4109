import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/** How pages that players and sellers see look: by merchant, and under `*` for all. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, bytes, number, tableEnd } = columnTypes(dialect)
  await tx.schema
    .createTable('brands')
    .addColumn('agent_id', text, (column) => column.primaryKey())
    .addColumn('title', text)
    .addColumn('accent_color', text)
    .addColumn('header_color', text)
    .addColumn('support_url', text)
    .addColumn('logo', bytes)
    .addColumn('logo_type', text)
    .addColumn('logo_width', number)
    .addColumn('logo_height', number)
    .addColumn('logo_sha256', text)
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('updated_at', number, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
}
