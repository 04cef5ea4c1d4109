import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { checkIntegrity } from './sqlite-damage.ts'

/** All pages in one step, since a backup in several steps restarts whenever another process writes. */
const allPages = 2 ** 31 - 1

export interface BackupReport {
  readonly file: string
  readonly bytes: number
}

/**
 * Copies a store that may be in use, as of one moment, into one self-contained file. The file gets its name only once it is complete, checked and
 * synced to disk; a killed backup leaves `FILE.partial`, which the next one removes, and a failed one leaves nothing.
 * @throws Error when the copy is damaged, or there is no room for it
 */
export async function backupSqlite(path: string, file: string): Promise<BackupReport> {
  const partial = `${file}.partial`
  if (isSameFile(path, partial)) throw new Error(`the copy would be made in the store's place: use another name`)
  try {
    await copySqlite(path, partial)
  } catch (error) {
    removeSqliteFiles(partial)
    throw error
  }
  // Never overwrites a file that appeared meanwhile.
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) throw new Error(`${file} is there now; the backup is ${partial}`)
  renameSync(partial, file)
  syncToDisk(dirname(file))
  return { file, bytes: statSync(file).size }
}

/** A copy readable by its owner only, checked and synced to disk. */
export async function copySqlite(from: string, to: string): Promise<void> {
  removeSqliteFiles(to)
  closeSync(openSync(to, 'wx', 0o600))
  const source = new DatabaseSync(from, { readOnly: true, timeout: 5_000 })
  try {
    await backup(source, to, { rate: allPages })
  } finally {
    source.close()
  }
  // Leaves WAL mode, in which opening the copy would create two more files.
  const copy = new DatabaseSync(to)
  copy.exec('pragma journal_mode = delete')
  copy.close()
  const damage = checkIntegrity(to)
  if (damage !== null) throw new Error(`the copy at ${to} is damaged: ${damage}`)
  syncToDisk(to)
}

/** A store's file, and those that SQLite keeps beside it. */
export const sqliteFiles = ['', '-wal', '-shm', '-journal'] as const

/** A file with what SQLite keeps beside it, as far as they are there. */
export function removeSqliteFiles(path: string): void {
  for (const suffix of sqliteFiles) rmSync(path + suffix, { force: true })
}

/** Whether both names lead to one file. */
export function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }))
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev
}

export function syncToDisk(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
