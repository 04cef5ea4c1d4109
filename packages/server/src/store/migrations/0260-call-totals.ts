import { sql } from 'kysely'
import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/**
 * Counts of calls over all merchants, filled with those of now, a second for each million rows. What the previous release counts while it still runs
 * beside this one is missing from them, and is in `call_counts` only.
 */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, number, keyedTableEnd } = columnTypes(dialect)
  await tx.schema
    .createTable('call_totals')
    .addColumn('span', text, (column) => column.notNull())
    .addColumn('at', number, (column) => column.notNull())
    .addColumn('surface', text, (column) => column.notNull())
    .addColumn('call', text, (column) => column.notNull())
    .addColumn('code', text, (column) => column.notNull())
    .addColumn('count', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('call_totals_pkey', ['span', 'at', 'surface', 'call', 'code'])
    .modifyEnd(keyedTableEnd)
    .execute()
  await sql`
    insert into call_totals (span, at, surface, call, code, count)
    select span, at, surface, call, code, sum(count) from call_counts group by span, at, surface, call, code`.execute(tx)
}
