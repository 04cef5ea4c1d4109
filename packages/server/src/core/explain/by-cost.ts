import type { Mistake } from './mistake.ts'
import type { Recipe } from './recipe.ts'

/** Mistakes of one kind of place: all in the same steps, the likeliest first. */
export interface Lane {
  readonly steps: readonly (keyof Recipe)[]
  readonly mistakes: readonly Mistake[]
}

/** A part of a lane: the ranks whose products lie in the band that is being tried. */
export interface Band {
  readonly from: number
  readonly to: number
}

const reachRanks = { any: 0, key: 1, alone: 2, never: 3 } as const

/**
 * Groups mistakes by the steps that they change. The widest reach comes first; within it the kinds take turns, each in its own order of
 * likelihood, so that a kind with hundreds of forms, such as one for each field, does not delay the first of another.
 */
export function lanesOf(mistakes: Iterable<Mistake>): Lane[] {
  const lanes = new Map<string, { mistake: Mistake; reach: number; turn: number }[]>()
  const turns = new Map<string, number>()
  for (const mistake of mistakes) {
    const name = Object.keys(mistake.steps).sort().join()
    const reach = reachRanks[mistake.reach ?? 'key']
    const counter = `${name} ${reach} ${mistake.kind}`
    const turn = turns.get(counter) ?? 0
    turns.set(counter, turn + 1)
    const lane = lanes.get(name)
    if (lane === undefined) lanes.set(name, [{ mistake, reach, turn }])
    else lane.push({ mistake, reach, turn })
  }
  return [...lanes].map(([name, ranked]) => ({
    steps: name.split(',') as (keyof Recipe)[],
    mistakes: ranked.sort((a, b) => a.reach - b.reach || a.turn - b.turn).map(({ mistake }) => mistake),
  }))
}

export function overlap(a: readonly (keyof Recipe)[], b: readonly (keyof Recipe)[]): boolean {
  return a.some((step) => b.includes(step))
}

/**
 * How much of a lane to try beside a mistake of this rank. The product of two ranks says how unlikely the two mistakes are together, so
 * the bands cover the likeliest pairs first.
 */
export function bandAt(rank: number, least: number, most: number): Band {
  return { from: Math.floor(least / (rank + 1)), to: Math.floor(most / (rank + 1)) }
}
