/** Removals in the log of changes, which tell a store that goes back, and every process, what is not to be written again. */
import type { ChangeTopic } from '../store.ts'
import { type Connection, type Dialect, lockTable } from './database.ts'
import { appendChanges } from './log.ts'

const removed = 'removed'
const tableOf = { merchant: 'merchants', service: 'services', brand: 'brands' } as const satisfies Partial<Record<ChangeTopic, string>>

/** Call it after the row is deleted, which waits for those who restore. */
export async function noteRemoval(tx: Connection, topic: keyof typeof tableOf, subject: string, at: number): Promise<void> {
  await appendChanges(tx, [{ topic, subject, at, detail: removed }])
}

/**
 * Those that were not removed since they were changed last. Until the transaction ends nobody else removes one: another process may know of a removal
 * that this one has not heard of, and repeat it at the same time.
 */
export async function withoutRemoved<Kept extends { readonly updatedAt: number }>(
  dialect: Dialect,
  tx: Connection,
  topic: keyof typeof tableOf,
  records: readonly Kept[],
  subjectOf: (record: Kept) => string,
): Promise<Kept[]> {
  await lockTable(dialect, tx, tableOf[topic])
  const removals = await tx
    .selectFrom('changes')
    .select((is) => ['subject', is.fn.max('at').as('at')])
    .where('topic', '=', topic)
    .where('detail', '=', removed)
    .groupBy('subject')
    .execute()
  const removedAt = new Map(removals.map(({ subject, at }) => [subject, at]))
  return records.filter((record) => record.updatedAt > (removedAt.get(subjectOf(record)) ?? Number.NEGATIVE_INFINITY))
}
