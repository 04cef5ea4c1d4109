import { chownSync, existsSync, linkSync, mkdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isSqliteInUse } from './other-users.ts'
import { copySqlite, isSameFile, removeSqliteFiles, sqliteFiles, syncToDisk } from './sqlite-backup.ts'

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

/** The files are not free for it. */
export class NoRestoreError extends Error {
  override readonly name = 'NoRestoreError'
}

/**
 * Replaces a store by a backup. Keeps the old files, log included, under other names, and puts the new file in place last, so that an interruption
 * never leaves a database beside another one's log. A link to the store stays one.
 * @returns the old store's new path; null when there was none
 * @throws NoRestoreError
 */
export async function restoreSqlite({ path: named, file, label, prepare }: RestoreOptions): Promise<string | null> {
  const path = existsSync(named) ? realpathSync(named) : named
  const copy = `${path}.restoring`
  const before = `${path}.${label}`
  if (isSameFile(file, copy)) throw new NoRestoreError(`${file} is where the new store is prepared: rename it first`)
  verifyUnused(path)
  // Of a restore that runs, or was killed.
  verifyUnused(copy)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    await copySqlite(file, copy)
    await prepare(copy)
    keepOwner(copy, existsSync(path) ? path : dirname(path))
    syncToDisk(copy)
    // Preparing took a while: check again for other users.
    verifyUnused(path)
  } catch (error) {
    removeSqliteFiles(copy)
    throw error
  }
  // Made again from the log by whoever opens the file next.
  rmSync(`${path}-shm`, { force: true })
  const moved = sqliteFiles.filter((suffix) => existsSync(path + suffix))
  // Unless it is damaged, nothing but the file is left, and its place is empty at no time: `migrate` would make a new store there.
  const isAlone = moved.every((suffix) => suffix === '')
  if (!isAlone || !isLinked(path, before)) for (const suffix of moved) renameSync(path + suffix, before + suffix)
  renameSync(copy, path)
  syncToDisk(dirname(path))
  return moved.length === 0 ? null : before
}

/** @throws NoRestoreError */
function verifyUnused(path: string): void {
  if (existsSync(path) && isSqliteInUse(path)) throw new NoRestoreError(`another process has ${path} open: stop every process that uses it`)
}

/** Run by root, the store remains that of the account that serves it. */
function keepOwner(file: string, place: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(place)
  chownSync(file, uid, gid)
}

/** Gives a file a second name, where the file system can. */
function isLinked(path: string, name: string): boolean {
  try {
    linkSync(path, name)
    return true
  } catch {
    return false
  }
}
