import { sql } from 'kysely'
import { isCopyMark, UnfinishedCopyError } from './copy/copy-mark.ts'
import { columnTypes } from './migrations/column-types.ts'
import { isContraction, migrations } from './migrations/index.ts'
import type { Connection, Database, Dialect } from './sql/database.ts'
import type { Tables } from './sql/tables.ts'
import { StoreTooNewError } from './store-too-new-error.ts'

/** A store's database. */
interface Migrated {
  readonly database: Database
}

/**
 * Applies pending migrations in one transaction under one lock: of two nodes starting at once the second finds nothing to do, and a killed run leaves
 * nothing behind. Not Kysely's Migrator, which runs SQLite's migrations outside a transaction and fails on every migration it does not know.
 * @throws StoreTooNewError, UnfinishedCopyError
 */
export async function migrate({ database }: Migrated): Promise<{ applied: string[] }> {
  // Checked first, so that starting on a current store takes no lock.
  if ((await pendingMigrations({ database })).length === 0) return { applied: [] }
  return await database.exclusively(async (tx) => {
    await tx.schema
      .createTable('schema_migrations')
      .ifNotExists()
      .addColumn('name', columnTypes(database.dialect).text, (column) => column.primaryKey())
      .execute()
    const pending = findPending(await appliedNames(tx))
    for (const { name, up } of pending) {
      await up(tx, database.dialect)
      await tx.insertInto('schema_migrations').values({ name }).execute()
    }
    return { applied: pending.map(({ name }) => name) }
  })
}

/** Names of the missing migrations, in order; empty when the store is current. @throws StoreTooNewError, UnfinishedCopyError */
export async function pendingMigrations({ database }: Migrated): Promise<string[]> {
  return findPending(await appliedMigrations({ database })).map(({ name }) => name)
}

/** Names in the store's list of migrations; empty when there is no list. */
export function appliedMigrations({ database }: Migrated): Promise<string[]> {
  return database.run(async (db) => ((await hasTable(db, database.dialect, 'schema_migrations')) ? await appliedNames(db) : []))
}

/** Names of a newer version's migrations with which this version can still run. @throws StoreTooNewError, UnfinishedCopyError */
export async function newerMigrations({ database }: Migrated): Promise<string[]> {
  return compareWithKnown(await appliedMigrations({ database })).newer
}

/** Migrations that only one side has: this version, or the store. @throws StoreTooNewError, UnfinishedCopyError */
export async function schemaOf({ database }: Migrated): Promise<{ pending: string[]; newer: string[] }> {
  const { pending, newer } = compareWithKnown(await appliedMigrations({ database }))
  return { pending: pending.map(({ name }) => name), newer }
}

function findPending(applied: readonly string[]) {
  return compareWithKnown(applied).pending
}

/**
 * A migration that this version does not know only adds, unless its name marks it as contracting (`isContraction`). So the previous version can still
 * be started during a rolling upgrade.
 */
function compareWithKnown(applied: readonly string[]) {
  if (applied.some((name) => isCopyMark(name))) throw new UnfinishedCopyError()
  const known = new Set(migrations.map(({ name }) => name))
  const newer = applied.filter((name) => !known.has(name))
  if (newer.some((name) => isContraction(name))) throw new StoreTooNewError(newer)
  return { pending: migrations.filter(({ name }) => !applied.includes(name)), newer }
}

async function appliedNames(db: Connection): Promise<string[]> {
  const rows = await db.selectFrom('schema_migrations').select('name').orderBy('name').execute()
  return rows.map((row) => row.name)
}

/** Whether the store has this table. */
export async function hasTable(db: Connection, dialect: Dialect, name: keyof Tables): Promise<boolean> {
  const query =
    dialect === 'postgres'
      ? sql`select 1 where to_regclass(${name}) is not null`
      : sql`select 1 from sqlite_schema where type = 'table' and name = ${name}`
  return (await query.execute(db)).rows.length > 0
}
