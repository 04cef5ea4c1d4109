import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'

/** Checked within a fraction of a second. */
const smallBytesMax = 32 * 2 ** 20

/** Which SQLite files to check before opening: a large one takes time, and is checked while it serves. */
export type DamageCheck = 'none' | 'small' | 'all'

/**
 * What is wrong with a SQLite file that was not closed cleanly, in words for the operator; null when nothing is, or when it was closed cleanly.
 * Opening a database beside a `-wal` of another state, for example after a manual restore, would overwrite the database. So the check comes first,
 * and changes nothing.
 */
export function findDamage(path: string, check: DamageCheck): string | null {
  const bytes = unclosedBytes(path)
  if (check === 'none' || bytes === 0 || (check === 'small' && bytes > smallBytesMax)) return null
  const found = checkIntegrity(path)
  return found === null ? null : describe(path, found)
}

/** Whether it was not closed cleanly and is too large for `findDamage`. Call it before the file is opened. */
export function isLargeAndUnclosed(path: string): boolean {
  return unclosedBytes(path) > smallBytesMax
}

/** What is wrong with such a file; checked in a thread. */
export async function findDamageBehind(path: string): Promise<string | null> {
  const worker = new Worker(new URL('./sqlite-damage-worker.ts', import.meta.url), { workerData: path })
  worker.unref()
  const { promise, resolve } = Promise.withResolvers<string | null>()
  worker.once('message', resolve).once('error', (error: Error) => resolve(error.message))
  const found = await promise
  return found === null ? null : describe(path, found)
}

/** SQLite's first finding; null: none. Changes nothing. */
export function checkIntegrity(path: string): string | null {
  try {
    const file = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
    try {
      const found = String(Object.values(file.prepare('pragma integrity_check(1)').get() ?? {})[0])
      return found === 'ok' ? null : found
    } finally {
      file.close()
    }
  } catch (error) {
    return (error as Error).message
  }
}

/** Bytes of file and log if the log is not empty, as while a process has the file open or after one was killed; else 0. */
function unclosedBytes(path: string): number {
  const logBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0
  const fileBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  return logBytes === 0 || fileBytes === 0 ? 0 : logBytes + fileBytes
}

function describe(path: string, found: string): string {
  return (
    `${path} and the ${path}-wal beside it do not make one store (${found.split('\n').at(-1)}). If a backup was put in the place of the file, ` +
    'or the disk has lost something, use `lobbykey restore BACKUP`'
  )
}
