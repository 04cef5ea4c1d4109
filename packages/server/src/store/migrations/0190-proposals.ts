import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/** Changes that wait for another person's approval, and which operations need one. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, number, tableEnd } = columnTypes(dialect)
  await tx.schema
    .createTable('proposals')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('operation', text, (column) => column.notNull())
    .addColumn('input', text, (column) => column.notNull())
    .addColumn('agent_id', text)
    .addColumn('read_at', number)
    .addColumn('reason', text, (column) => column.notNull())
    .addColumn('proposed_by', text, (column) => column.notNull())
    .addColumn('proposer_id', text)
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('expires_at', number, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('decided_by', text)
    .addColumn('decided_at', number)
    .addColumn('word', text)
    .addColumn('problem', text)
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema.createIndex('proposals_agent').on('proposals').columns(['agent_id', 'id']).execute()
  await tx.schema.createIndex('proposals_expiry').on('proposals').column('expires_at').execute()
  await tx.schema
    .createTable('approval_policy')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('operations', text, (column) => column.notNull())
    .addColumn('agent_ids', text)
    .addColumn('updated_at', number, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
}
