import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** Whether another process has the file open: in WAL mode each holds a shared lock for as long as it does. */
function isInUse(path: string): boolean {
  const file = new DatabaseSync(path, { timeout: 0 })
  try {
    file.exec('pragma locking_mode = exclusive; begin exclusive; rollback')
    return false
  } catch {
    return true
  } finally {
    file.close()
  }
}

/** Removes a SQLite store with all that is in it. False, and nothing is removed, while another process has it open. */
export function removeSqlite(path: string): boolean {
  if (isInUse(path)) return false
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  return true
}
