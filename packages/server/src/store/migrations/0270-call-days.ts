import { sql } from 'kysely'
import type { Connection, Dialect } from '../sql/database.ts'
import { hourColumns } from '../sql/hour-columns.ts'
import { columnTypes } from './column-types.ts'

/**
 * Counts of calls by merchant and day with a column an hour, over all outcomes and by outcome; filled with those of now, ten seconds for each million rows of
 * `call_counts`. What the previous release counts while it still runs beside this one is missing from them, and is in `call_counts` only.
 */
export async function up(tx: Connection, dialect: Dialect): Promise<void> {
  const { text, number, keyedTableEnd } = columnTypes(dialect)
  for (const [name, outcome] of [
    ['call_days', ['surface', 'call', 'code']],
    ['merchant_days', []],
  ] as const) {
    let table = tx.schema
      .createTable(name)
      .addColumn('day', number, (column) => column.notNull())
      .addColumn('agent_id', text, (column) => column.notNull())
    for (const column of outcome) table = table.addColumn(column, text, (it) => it.notNull())
    table = table.addColumn('count', number, (column) => column.notNull())
    for (const hour of hourColumns) table = table.addColumn(hour, number, (column) => column.notNull().defaultTo(0))
    await table
      .addPrimaryKeyConstraint(`${name}_pkey`, ['day', 'agent_id', ...outcome] as never)
      .modifyEnd(keyedTableEnd)
      .execute()
    await tx.schema.createIndex(`${name}_agent`).on(name).columns(['agent_id', 'day']).execute()
  }
  const hours = sql.join(hourColumns.map((hour) => sql.ref(hour)))
  const ofHour = hourColumns.map((_, hour) => sql`sum(case when at % 86400000 = ${sql.lit(hour * 3_600_000)} then count else 0 end)`)
  await sql`
    insert into call_days (day, agent_id, surface, call, code, count, ${hours})
    select at - at % 86400000, agent_id, surface, call, code, sum(count), ${sql.join(ofHour)} from call_counts
    where span = 'hour' group by at - at % 86400000, agent_id, surface, call, code order by at - at % 86400000, agent_id`.execute(tx)
  const sums = sql.join(hourColumns.map((hour) => sql`sum(${sql.ref(hour)})`))
  await sql`
    insert into merchant_days (day, agent_id, count, ${hours})
    select day, agent_id, sum(count), ${sums} from call_days group by day, agent_id order by day, agent_id`.execute(tx)
}
