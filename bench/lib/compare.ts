import type { LoadResult } from './load.ts'
import type { Figure, RowContext } from './row.ts'
import { median } from './statistics.ts'

export interface Contender {
  readonly name: string
  /** Runs one round of load, `seconds` long. */
  readonly measure: (seconds: number, round: number) => Promise<number>
}

export interface Comparison {
  readonly figures: readonly Figure[]
  /** Median over the rounds of first / second within one round, so that slow moments of the machine affect both. */
  ratio(first: string, second: string): number
}

/**
 * Measures the contenders in turn, A B A B …, in short rounds, every second one in reverse, so that none always comes first. A warm-up round is not
 * counted.
 */
export async function compare(contenders: readonly Contender[], { seconds, rounds, say }: RowContext): Promise<Comparison> {
  const values = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  for (const { measure } of contenders) await measure(Math.max(1, Math.ceil(seconds / 2)), -1)
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed()
    for (const { name, measure } of order) values.get(name)?.push(await measure(seconds, round))
    say(`round ${round + 1}/${rounds}: ${contenders.map(({ name }) => `${name} ${count(values.get(name)?.[round])}`).join(', ')}`)
  }
  return {
    figures: contenders.map(({ name }) => ({ name, unit: '/s', values: values.get(name) ?? [] })),
    ratio(first, second) {
      const above = values.get(first) ?? []
      const below = values.get(second) ?? []
      return median(above.map((value, round) => value / (below[round] ?? Number.NaN)))
    },
  }
}

function count(value: number | undefined): string {
  return value === undefined ? '-' : `${Math.round(value).toLocaleString('en')}/s`
}

/** The rate of a load that must succeed. @throws Error when more than one in a thousand was refused */
export function goodRate(name: string, result: LoadResult): number {
  const { perSecond, requests, refused, broken, timeouts } = result
  if (requests === 0 || (refused + broken + timeouts) * 1_000 > requests) {
    throw new Error(`${name}: of ${requests} requests ${refused} were refused, ${broken} broken, ${timeouts} timed out`)
  }
  return perSecond
}
