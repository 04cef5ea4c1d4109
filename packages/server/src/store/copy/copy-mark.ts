import type { Connection } from '../sql/database.ts'

const prefix = 'copy-of-'

/**
 * A row of `schema_migrations` that is there while a store is being copied into this one. Every version takes it for an unknown migration, so that
 * none starts on half a store.
 */
export function copyMark(sourceId: string): string {
  return prefix + sourceId
}

export function isCopyMark(migration: string): boolean {
  return migration.startsWith(prefix)
}

export async function setCopyMark(tx: Connection, sourceId: string): Promise<void> {
  await tx
    .insertInto('schema_migrations')
    .values({ name: copyMark(sourceId) })
    .execute()
}

export async function clearCopyMark(tx: Connection, sourceId: string): Promise<void> {
  await tx.deleteFrom('schema_migrations').where('name', '=', copyMark(sourceId)).execute()
}

/** An unfinished copy: the store holds only part of its data. */
export class UnfinishedCopyError extends Error {
  override readonly name = 'UnfinishedCopyError'

  constructor() {
    super('a copy into this store has not ended: run `lobbykey store copy` again, from the same source')
  }
}
