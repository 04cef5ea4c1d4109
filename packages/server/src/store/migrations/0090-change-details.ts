import { sql } from 'kysely'
import type { Connection, Dialect } from '../sql/database.ts'
import { columnTypes } from './column-types.ts'

/**
 * The details of changes that processes remember, and where the store went back. On PostgreSQL a function advances the sequence with its owner's
 * rights, since the server may write the tables only.
 */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  await tx.schema.alterTable('changes').addColumn('detail', columnTypes(dialect).text).execute()
  await tx.schema.createIndex('changes_store').on('changes').column('seq').where(sql.ref('topic'), '=', sql.lit('store')).execute()
  if (dialect === 'sqlite') return
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(tx)
  await sql`
    create function advance_changes_1(beyond int8) returns void language plpgsql
      security definer
      set search_path = ${sql.id(rows[0]?.schema ?? 'public')}, pg_temp
    as $$
    declare
      numbers regclass := pg_get_serial_sequence('changes', 'seq');
    begin
      -- Whoever is taking a number is waited for: the sequence never steps back.
      lock table changes in share row exclusive mode;
      perform setval(numbers, greatest(beyond, pg_sequence_last_value(numbers)));
    end
    $$`.execute(tx)
}
