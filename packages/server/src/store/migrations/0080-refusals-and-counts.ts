import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/**
 * Refusals in a table of their own, with an end; counts of calls by outcome; and traces of unauthenticated callers in a table of their own, so that
 * they cannot push out the others.
 *
 * A node of the previous release still writes its refusals to `events`, where they stay.
 */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  await createRefusals(tx, dialect)
  await createCounts(tx, dialect)
  await createStrangerTraces(tx, dialect)
}

async function createRefusals(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, number, keyedTableEnd } = columnTypes(dialect)
  await tx.schema
    .createTable('refusals')
    .addColumn('at', number, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('last_at', number, (column) => column.notNull())
    .addColumn('expires_at', number, (column) => column.notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('surface', text, (column) => column.notNull())
    .addColumn('agent_id', text)
    .addColumn('subject', text)
    .addColumn('address', text)
    .addColumn('request_id', text)
    .addColumn('code', text)
    .addColumn('count', number, (column) => column.notNull())
    .addColumn('details', text)
    .addPrimaryKeyConstraint('refusals_pkey', ['at', 'id'])
    .modifyEnd(keyedTableEnd)
    .execute()
  await tx.schema.createIndex('refusals_expiry').on('refusals').column('expires_at').execute()
  await tx.schema.createIndex('refusals_kind').on('refusals').columns(['kind', 'at', 'id']).execute()
  await tx.schema.createIndex('refusals_agent').on('refusals').columns(['agent_id', 'at', 'id']).execute()
  await tx.schema.createIndex('refusals_subject').on('refusals').columns(['subject', 'at', 'id']).execute()
}

async function createCounts(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, number, tableEnd, keyedTableEnd } = columnTypes(dialect)
  // Empty text means none: a primary key's column is never null.
  await tx.schema
    .createTable('call_counts')
    .addColumn('span', text, (column) => column.notNull())
    .addColumn('at', number, (column) => column.notNull())
    .addColumn('surface', text, (column) => column.notNull())
    .addColumn('call', text, (column) => column.notNull())
    .addColumn('code', text, (column) => column.notNull())
    .addColumn('agent_id', text, (column) => column.notNull())
    .addColumn('count', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('call_counts_pkey', ['span', 'at', 'surface', 'call', 'code', 'agent_id'])
    .modifyEnd(keyedTableEnd)
    .execute()
  await tx.schema.createIndex('call_counts_agent').on('call_counts').columns(['agent_id', 'span', 'at']).execute()
  await tx.schema
    .createTable('call_origins')
    .addColumn('at', number, (column) => column.notNull())
    .addColumn('agent_id', text, (column) => column.notNull())
    .addColumn('is_stranger', number, (column) => column.notNull())
    .addColumn('address', text, (column) => column.notNull())
    .addColumn('key_id', text, (column) => column.notNull())
    .addColumn('accepted', number, (column) => column.notNull())
    .addColumn('refused', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('call_origins_pkey', ['at', 'agent_id', 'is_stranger', 'address', 'key_id'])
    .modifyEnd(keyedTableEnd)
    .execute()
  await tx.schema.createIndex('call_origins_agent').on('call_origins').columns(['agent_id', 'at']).execute()
  await tx.schema
    .createTable('call_batches')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('at', number, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema.createIndex('call_batches_at').on('call_batches').column('at').execute()
}

/** The same columns as `traces`. */
async function createStrangerTraces(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, number, tableEnd } = columnTypes(dialect)
  await tx.schema
    .createTable('stranger_traces')
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
  await tx.schema.createIndex('stranger_traces_request').on('stranger_traces').column('request_id').execute()
  await tx.schema.createIndex('stranger_traces_agent').on('stranger_traces').columns(['agent_id', 'id']).execute()
}
