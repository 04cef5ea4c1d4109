import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { isSqliteInUse } from './other-users.ts'
import { copySqlite, sqliteFiles, syncToDisk } from './sqlite-backup.ts'

export interface RestoreOptions {
  /** The store's path; it need not exist yet. */
  readonly path: string
  /** The backup. */
  readonly file: string
  /** Suffix for the names of the old files. */
  readonly label: string
  /** Prepares the copy before it replaces the store. */
  readonly prepare: (copy: string) => Promise<void>
}

/** Another process has the store open. */
export class StoreInUseError extends Error {
  override readonly name = 'StoreInUseError'
}

/**
 * Replaces a store by a backup. Keeps the old files, log included, under other names, and puts the new file in place last, so that an interruption
 * never leaves a database beside another one's log.
 * @returns the old store's new path; null when there was none
 * @throws StoreInUseError
 */
export async function restoreSqlite({ path, file, label, prepare }: RestoreOptions): Promise<string | null> {
  const copy = `${path}.restoring`
  const before = `${path}.${label}`
  verifyUnused(path)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    await copySqlite(file, copy)
    await prepare(copy)
    syncToDisk(copy)
    // Preparing took a while: check again for other users.
    verifyUnused(path)
  } catch (error) {
    for (const suffix of sqliteFiles) rmSync(copy + suffix, { force: true })
    throw error
  }
  const moved = sqliteFiles.filter((suffix) => existsSync(path + suffix))
  for (const suffix of moved) renameSync(path + suffix, before + suffix)
  renameSync(copy, path)
  syncToDisk(dirname(path))
  return moved.length === 0 ? null : before
}

function verifyUnused(path: string): void {
  if (existsSync(path) && isSqliteInUse(path)) throw new StoreInUseError(`another process has ${path} open`)
}
