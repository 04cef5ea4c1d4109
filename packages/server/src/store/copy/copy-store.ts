/**
 * Copies a whole store into an empty one of either dialect. Decides what is copied, in which order, and how the copy is verified; knows nothing of
 * what rows mean.
 */
import { GatewayError } from '@lobbykey/contract'
import { sql } from 'kysely'
import { appliedMigrations, hasTable, migrate, newerMigrations, pendingMigrations } from '../migrate.ts'
import { migrations } from '../migrations/index.ts'
import type { SqlStore } from '../open-store.ts'
import { type Connection, lockTable } from '../sql/database.ts'
import { StoreTooNewError } from '../store-too-new-error.ts'
import { type CopiedTable, copiedTables } from './copied-tables.ts'
import { clearCopyMark, copyMark, isCopyMark, setCopyMark } from './copy-mark.ts'
import { digestTable, type TableDigest } from './table-digest.ts'
import { countRows, findLastRow, insertRows, pagesOf } from './table-rows.ts'

export interface CopyOptions {
  readonly source: SqlStore
  readonly target: SqlStore
  /** The number of rows to process: those to copy, plus all rows of both stores to compare. Called again when a copy restarts. */
  readonly onStart?: (steps: number) => void
  readonly onRows?: (count: number) => void
}

export interface CopyReport {
  /** It continued a copy that an earlier run had started. */
  readonly isResumed: boolean
  readonly tables: readonly (TableDigest & { readonly name: string })[]
}

/**
 * Copies every table in key order, page by page, each page durable before the next is read; then compares both stores row by row, and only then
 * releases the target for use. A copy that was killed resumes after the target's last row.
 *
 * No other process can write to the source meanwhile. The comparison detects writes to the source between a killed run and the next.
 *
 * @throws GatewayError conflict: the source is not of this version, the target is not empty, or they differ afterwards
 */
export async function copyStore({ source, target, onStart = () => {}, onRows = () => {} }: CopyOptions): Promise<CopyReport> {
  const pending = await pendingMigrations(source)
  if (pending.length > 0) {
    throw conflict(`the source is older than this version (${pending.join(', ')}): run \`lobbykey migrate\` on it`)
  }
  // A newer store has data that this version would leave behind.
  for (const store of [source, target]) {
    const newer = (await hasBegun(store)) ? [] : await newerMigrations(store)
    if (newer.length > 0) throw new StoreTooNewError(newer)
  }
  return await source.database.exclusively(async (frozen) => {
    for (const { name } of copiedTables) await lockTable(source.dialect, frozen, name)
    const sourceId = await identify(frozen)
    const isResumed = await prepareTarget(target, sourceId)
    onStart(await countSteps(frozen, target))
    for (const table of copiedTables) await copyTable(frozen, target, table, onRows)
    const tables = await compare(frozen, target, onRows)
    await finishTarget(target, sourceId)
    return { isResumed, tables }
  })
}

/** Identifies a store by the random secrets that its first use creates and that never change. */
async function identify(source: Connection): Promise<string> {
  const meta = copiedTables.find(({ name }) => name === 'meta') as CopiedTable
  return (await digestTable(source, meta)).sha256.slice(0, 32)
}

async function hasBegun(store: SqlStore): Promise<boolean> {
  return (await appliedMigrations(store)).some((name) => isCopyMark(name))
}

/** @returns whether the target holds what an earlier run copied from this source */
async function prepareTarget(target: SqlStore, sourceId: string): Promise<boolean> {
  const applied = await appliedMigrations(target)
  const mark = applied.find((name) => isCopyMark(name))
  if (mark !== undefined) {
    if (mark !== copyMark(sourceId)) throw conflict('a copy of another store was begun in the target: name an empty database')
    if (applied.length - 1 !== migrations.length) throw conflict('the copy was begun by another version: begin again in an empty database')
    return true
  }
  await assertEmpty(target)
  await migrate(target)
  await target.database.transaction((tx) => setCopyMark(tx, sourceId))
  return false
}

async function assertEmpty({ database }: SqlStore): Promise<void> {
  for (const table of copiedTables) {
    const hasRows = await database.run(async (db) => {
      return (await hasTable(db, database.dialect, table.name)) && (await findLastRow(db, table)) !== null
    })
    if (hasRows) throw conflict(`the target is not empty (there are rows in ${table.name}): name an empty database`)
  }
}

async function countSteps(source: Connection, target: SqlStore): Promise<number> {
  let steps = 0
  for (const table of copiedTables) {
    const there = await target.database.exclusively((db) => countRows(db, table))
    steps += 3 * (await countRows(source, table)) - there
  }
  return steps
}

async function copyTable(source: Connection, target: SqlStore, table: CopiedTable, onRows: (count: number) => void): Promise<void> {
  const last = await target.database.run((db) => findLastRow(db, table))
  for await (const page of pagesOf(source, table, last)) {
    await target.database.transaction((tx) => insertRows(tx, target.dialect, table, page))
    onRows(page.length)
  }
}

async function compare(source: Connection, target: SqlStore, onRows: (count: number) => void): Promise<CopyReport['tables']> {
  const tables = []
  const different: string[] = []
  for (const table of copiedTables) {
    const expected = await digestTable(source, table, onRows)
    const found = await target.database.exclusively((db) => digestTable(db, table, onRows))
    if (found.sha256 !== expected.sha256) different.push(`${table.name} (${expected.rows} rows in the source, ${found.rows} in the target)`)
    tables.push({ name: table.name, ...expected })
  }
  if (different.length === 0) return tables
  const cause = 'the source was written to since the copy began, or the target was'
  throw conflict(`the stores differ in ${different.join(', ')}: ${cause}. Stop what uses them and begin again in an empty database`)
}

/** Sets number sequences past the copied rows, and updates PostgreSQL's statistics, so that the first queries are planned well. */
async function finishTarget(target: SqlStore, sourceId: string): Promise<void> {
  await target.database.exclusively(async (tx) => {
    if (target.dialect === 'postgres') {
      for (const { name, key } of copiedTables.filter(({ isNumbered }) => isNumbered)) {
        const [column = ''] = key
        await sql`
          select setval(pg_get_serial_sequence(${name}, ${column}), coalesce(max(${sql.ref(column)}), 1), count(*) > 0)
          from ${sql.table(name)}`.execute(tx)
      }
      await sql`analyze`.execute(tx)
    }
    await clearCopyMark(tx, sourceId)
  })
}

function conflict(message: string): GatewayError {
  return new GatewayError('conflict', { message })
}
