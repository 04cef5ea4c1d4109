import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/** Traces of recent calls, and how far each merchant's clock is off. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, number, tableEnd } = columnTypes(dialect)
  await tx.schema
    .createTable('traces')
    .addColumn('id', number, (column) =>
      dialect === 'postgres' ? column.generatedAlwaysAsIdentity().primaryKey() : column.primaryKey().autoIncrement(),
    )
    .addColumn('at', number, (column) => column.notNull())
    .addColumn('request_id', text, (column) => column.notNull())
    .addColumn('agent_id', text)
    .addColumn('is_failed', number, (column) => column.notNull())
    .addColumn('trace', text, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema.createIndex('traces_request').on('traces').column('request_id').execute()
  await tx.schema.createIndex('traces_agent').on('traces').columns(['agent_id', 'id']).execute()
  await tx.schema
    .createTable('merchant_clocks')
    .addColumn('agent_id', text, (column) => column.primaryKey())
    .addColumn('difference_ms', number, (column) => column.notNull())
    .addColumn('measured_at', number, (column) => column.notNull())
    .addColumn('warned_at', number)
    .modifyEnd(tableEnd)
    .execute()
}
