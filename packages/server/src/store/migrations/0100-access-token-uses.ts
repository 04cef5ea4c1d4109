import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/**
 * Which access token of a login was presented last. The value names its token, so a refresh need not clear it: refreshes by nodes of the previous
 * release, which do not know the column, leave it correct.
 */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  await tx.schema.alterTable('seller_sessions').addColumn('presented_access_hash', columnTypes(dialect).bytes).execute()
}
