/** Repeats removals that a store lost when it went back. */
import type { EventInput, WrittenChange } from '../../store/store.ts'

/** @returns how many were there again */
export async function removeAgain(
  removals: readonly WrittenChange[],
  now: number,
  kind: string,
  remove: (subject: string, event: EventInput, removedAt: number) => Promise<boolean>,
): Promise<number> {
  const event = { at: now, kind, surface: 'server', details: { by: 'store.went_back' } } as const
  let count = 0
  for (const { subject, at } of removals) if (await remove(subject, event, at)) count++
  return count
}
