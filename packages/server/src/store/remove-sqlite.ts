import { rmSync } from 'node:fs'
import { isSqliteInUse } from './other-users.ts'

/** Removes a SQLite store. False, and nothing is removed, while another process has it open. */
export function removeSqlite(path: string): boolean {
  if (isSqliteInUse(path)) return false
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  return true
}
