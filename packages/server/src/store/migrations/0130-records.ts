import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/** Running processes; and indexes for the orders in which operators read events and traces. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, number, tableEnd } = columnTypes(dialect)
  await tx.schema
    .createTable('processes')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('started_at', number, (column) => column.notNull())
    .addColumn('seen_at', number, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema.createIndex('processes_seen').on('processes').column('seen_at').execute()
  await tx.schema.createIndex('events_at').on('events').columns(['at', 'id']).execute()
  await tx.schema.createIndex('events_actor').on('events').columns(['actor', 'id']).execute()
  for (const table of ['traces', 'stranger_traces'] as const) {
    await tx.schema.createIndex(`${table}_at`).on(table).columns(['at', 'id']).execute()
    await tx.schema.createIndex(`${table}_agent_at`).on(table).columns(['agent_id', 'at', 'id']).execute()
  }
}
