import { sql } from 'kysely'
import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/** When a signing key may be retired, and which keys began after a reset. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, number } = columnTypes(dialect)
  await tx.schema
    .alterTable('signing_keys')
    .addColumn('token_life_ms', number, (column) => column.notNull().defaultTo(0))
    .execute()
  await tx.schema
    .alterTable('signing_keys')
    .addColumn('epoch', text, (column) => column.notNull().defaultTo(''))
    .execute()
  // Until now all keys belonged to the epoch of the first one.
  await sql`update signing_keys set epoch = (select kid from signing_keys order by created_at, kid limit 1)`.execute(tx)
}
