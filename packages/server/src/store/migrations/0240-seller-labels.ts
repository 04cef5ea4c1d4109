import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/** Labels of sellers, as JSON, and by label for lists. Foreign keys keep the latter right where the previous release changes or removes a seller. */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, keyedTableEnd } = columnTypes(dialect)
  await tx.schema
    .alterTable('sellers')
    .addColumn('labels', 'text', (column) => column.notNull().defaultTo('{}'))
    .execute()
  await tx.schema
    .createTable('seller_labels')
    .addColumn('label', text, (column) => column.notNull())
    .addColumn('email', text, (column) => column.notNull().references('sellers.email').onUpdate('cascade').onDelete('cascade'))
    .addPrimaryKeyConstraint('seller_labels_pkey', ['label', 'email'])
    .modifyEnd(keyedTableEnd)
    .execute()
  // For the foreign key.
  await tx.schema.createIndex('seller_labels_email').on('seller_labels').column('email').execute()
}
