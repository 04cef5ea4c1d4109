import { isSqliteInUse } from './other-users.ts'
import { removeSqliteFiles } from './sqlite-backup.ts'

/** Removes a SQLite store. False, and nothing is removed, while another process has it open. */
export function removeSqlite(path: string): boolean {
  if (isSqliteInUse(path)) return false
  removeSqliteFiles(path)
  return true
}
