import type { Connection } from '../sql/database.ts'

/** Labels of merchants and services, as JSON. The previous release leaves them unchanged. */
export async function up(tx: Connection): Promise<void> {
  for (const table of ['merchants', 'services']) {
    await tx.schema
      .alterTable(table)
      .addColumn('labels', 'text', (column) => column.notNull().defaultTo('{}'))
      .execute()
  }
}
