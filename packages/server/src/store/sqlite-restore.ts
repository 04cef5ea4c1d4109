import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { isSqliteInUse } from './other-users.ts'
import { copySqlite, sqliteFiles, syncToDisk } from './sqlite-backup.ts'

export interface RestoreOptions {
  /** Of the store; there may be one already, or none. */
  readonly path: string
  /** The backup. */
  readonly file: string
  /** Ends the names of what was there before. */
  readonly label: string
  /** Makes the copy ready before it takes the store's place. */
  readonly prepare: (copy: string) => Promise<void>
}

/** Another process has the store open. */
export class StoreInUseError extends Error {
  override readonly name = 'StoreInUseError'
}

/**
 * Puts a backup in a store's place. What was there is kept under another name, with its log: the new file comes last, so that, whenever this ends, no log
 * of another file lies beside it.
 * @returns where what was there is now; null when there was nothing
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
    // It took its time: somebody may have come.
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
