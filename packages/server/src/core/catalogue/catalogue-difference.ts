import { isDeepStrictEqual } from 'node:util'
import type { Catalogue } from '../../store/store.ts'

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

export function catalogueDifference(before: Catalogue, after: Catalogue): CatalogueDifference {
  return {
    games: partDifference(before.games, after.games, ({ gameId }) => gameId),
    tables: partDifference(before.tables, after.tables, ({ gameId, instId }) => `${gameId}-${instId}`),
    limits: partDifference(before.limits, after.limits, ({ currency, gameId, redId }) => `${currency}_${gameId} ${redId}`),
  }
}

function partDifference<T extends object>(before: readonly T[], after: readonly T[], nameOf: (item: T) => string): PartDifference {
  const byName = (items: readonly T[]) => new Map(items.map((item) => [nameOf(item), item]))
  const [old, fresh] = [byName(before), byName(after)]
  return {
    added: [...fresh.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !fresh.has(name)),
    changed: [...fresh].flatMap(([item, value]) => {
      const fields = changedFields(old.get(item) ?? value, value)
      return Object.keys(fields).length === 0 ? [] : [{ item, fields }]
    }),
  }
}

function changedFields(before: object, after: object): Record<string, [unknown, unknown]> {
  const old = before as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(after)
      .filter(([name, value]) => !isDeepStrictEqual(old[name], value))
      .map(([name, value]) => [name, [old[name], value]]),
  )
}
