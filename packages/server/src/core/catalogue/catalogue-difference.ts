import { isDeepStrictEqual } from 'node:util'
import type { Catalogue } from '../../store/store.ts'
import { Turn } from '../base/turn.ts'

/** How two catalogues differ, part by part; items have the names that partners use. */
export interface PartDifference {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly {
    readonly item: string
    readonly fields: Readonly<Record<string, readonly [before: unknown, after: unknown]>>
  }[]
}

export type CatalogueDifference = Readonly<Record<keyof Catalogue, PartDifference>>

export async function catalogueDifference(before: Catalogue, after: Catalogue): Promise<CatalogueDifference> {
  const turn = new Turn()
  return {
    games: await partDifference(turn, before.games, after.games, ({ gameId }) => gameId),
    tables: await partDifference(turn, before.tables, after.tables, ({ gameId, instId }) => `${gameId}-${instId}`),
    limits: await partDifference(turn, before.limits, after.limits, ({ currency, gameId, redId }) => `${currency}_${gameId} ${redId}`),
  }
}

async function partDifference<T extends object>(
  turn: Turn,
  before: readonly T[],
  after: readonly T[],
  nameOf: (item: T) => string,
): Promise<PartDifference> {
  const old = new Map<string, T>()
  for (const item of before) {
    old.set(nameOf(item), item)
    if (turn.isOver) await turn.next()
  }
  const difference = { added: [] as string[], removed: [] as string[], changed: [] as PartDifference['changed'][number][] }
  for (const value of after) {
    const item = nameOf(value)
    const held = old.get(item)
    old.delete(item)
    const fields = held === undefined ? null : changedFields(held, value)
    if (fields === null) difference.added.push(item)
    else if (Object.keys(fields).length > 0) difference.changed.push({ item, fields })
    if (turn.isOver) await turn.next()
  }
  difference.removed.push(...old.keys())
  return difference
}

function changedFields(before: object, after: object): Record<string, [unknown, unknown]> {
  const fields: Record<string, [unknown, unknown]> = {}
  for (const [name, value] of Object.entries(after)) {
    const held = (before as Record<string, unknown>)[name]
    if (held !== value && !isDeepStrictEqual(held, value)) fields[name] = [held, value]
  }
  return fields
}
