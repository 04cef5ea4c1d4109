import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/** Operators and their API tokens, answers for repeated requests, and the actors of events. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, bytes, number, tableEnd } = columnTypes(dialect)
  await tx.schema.alterTable('events').addColumn('actor', text).execute()
  await tx.schema
    .createTable('operators')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('email', text, (column) => column.notNull().unique())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('role', text, (column) => column.notNull())
    .addColumn('agent_ids', text)
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('updated_at', number, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema
    .createTable('api_tokens')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('operator_id', text, (column) => column.notNull().references('operators.id'))
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('token_hash', bytes, (column) => column.notNull().unique())
    .addColumn('rights', text, (column) => column.notNull())
    .addColumn('agent_ids', text)
    .addColumn('allow', text, (column) => column.notNull())
    .addColumn('allow_confirmed', number, (column) => column.notNull())
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('expires_at', number, (column) => column.notNull())
    .addColumn('revoked_at', number)
    .addColumn('last_used_at', number)
    .addColumn('last_used_address', text)
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema.createIndex('api_tokens_operator').on('api_tokens').columns(['operator_id', 'created_at']).execute()
  await tx.schema
    .createTable('idempotent_answers')
    .addColumn('key_hash', bytes, (column) => column.primaryKey())
    .addColumn('request_digest', bytes, (column) => column.notNull())
    .addColumn('sealed_answer', bytes)
    .addColumn('created_at', number, (column) => column.notNull())
    .addColumn('expires_at', number, (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute()
  await tx.schema.createIndex('idempotent_answers_expiry').on('idempotent_answers').column('expires_at').execute()
}
