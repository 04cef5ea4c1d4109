/** What was removed in the time that a store lost when it went back. */
import type { WrittenChange } from '../../store/store.ts'

/** @param remove does nothing to what was written after `until`. @returns how many were there again */
export async function removeAgain(
  removals: readonly WrittenChange[],
  remove: (subject: string, until: number) => Promise<boolean>,
): Promise<number> {
  let count = 0
  for (const { subject, at } of removals) if (await remove(subject, at)) count++
  return count
}

/** Those written after their removal: this process may not have heard of its own one yet. */
export function withoutRemoved<Kept extends { readonly updatedAt: number }>(
  records: Iterable<Kept>,
  removals: readonly WrittenChange[],
  subjectOf: (record: Kept) => string,
): Kept[] {
  const removedAt = new Map(removals.map(({ subject, at }) => [subject, at]))
  return [...records].filter((record) => record.updatedAt > (removedAt.get(subjectOf(record)) ?? Number.NEGATIVE_INFINITY))
}
