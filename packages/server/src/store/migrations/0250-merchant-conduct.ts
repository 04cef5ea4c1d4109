import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/** When each merchant's program was last seen doing something right or wrong, for its certificate. The previous release writes none. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, number, keyedTableEnd } = columnTypes(dialect)
  await tx.schema
    .createTable('merchant_conduct')
    .addColumn('agent_id', text, (column) => column.notNull())
    .addColumn('topic', text, (column) => column.notNull())
    .addColumn('right_at', number, (column) => column.notNull())
    .addColumn('wrong_at', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('merchant_conduct_pkey', ['agent_id', 'topic'])
    .modifyEnd(keyedTableEnd)
    .execute()
}
