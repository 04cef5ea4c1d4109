import { isDeepStrictEqual } from 'node:util'

/** The fields in which two states differ, before and after, for the event of a change. */
export function difference<T extends object>(before: T, after: T): { readonly before: Partial<T>; readonly after: Partial<T> } {
  const changed = (Object.keys(after) as (keyof T)[]).filter((name) => !isDeepStrictEqual(before[name], after[name]))
  const pick = (state: T) => Object.fromEntries(changed.map((name) => [name, state[name]])) as Partial<T>
  return { before: pick(before), after: pick(after) }
}
