import { type RawBuilder, sql } from 'kysely'
import type { Dialect } from '../sql/database.ts'

/** The column types that migrations use, by meaning. */
export interface ColumnTypes {
  /** Compared and sorted byte by byte, so that both dialects give the same order. */
  readonly text: RawBuilder<unknown>
  readonly bytes: RawBuilder<unknown>
  /** 64 bits: times in ms, counts. */
  readonly number: RawBuilder<unknown>
  /** The end of a CREATE TABLE: SQLite checks types only in STRICT tables. */
  readonly tableEnd: RawBuilder<unknown>
  /** The same for tables stored in their primary key's index. */
  readonly keyedTableEnd: RawBuilder<unknown>
}

export function columnTypes(dialect: Dialect): ColumnTypes {
  if (dialect === 'postgres') {
    return { text: sql`text collate "C"`, bytes: sql`bytea`, number: sql`bigint`, tableEnd: sql``, keyedTableEnd: sql`` }
  }
  return { text: sql`text`, bytes: sql`blob`, number: sql`integer`, tableEnd: sql`strict`, keyedTableEnd: sql`strict, without rowid` }
}
