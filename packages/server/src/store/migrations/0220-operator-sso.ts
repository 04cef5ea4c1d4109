import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/**
 * Single sign-on of operators. The previous release does not know it: while it still runs beside this one, it lets a session of such an operator be
 * used without asking the provider.
 */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, bytes, number } = columnTypes(dialect)
  for (const [name, type] of [
    ['sso_issuer', text],
    ['sso_subject', text],
    ['sso_vouched_at', number],
    ['sso_refresh', bytes],
    ['sso_check_until', number],
  ] as const) {
    await tx.schema.alterTable('operators').addColumn(name, type).execute()
  }
  await tx.schema.createIndex('operators_sso').on('operators').columns(['sso_issuer', 'sso_subject']).unique().execute()
}
