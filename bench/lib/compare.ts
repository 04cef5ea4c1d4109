import { type Cost, CostMeter, Costs, type MeasuredServer } from './costs.ts'
import type { LoadResult } from './load.ts'
import type { Figure, RowContext } from './row.ts'
import { median } from './statistics.ts'

export interface Contender {
  readonly name: string
  /** Whose costs of a request are shown beside the rate. */
  readonly server?: MeasuredServer
  /** What a round needs and does not measure. */
  readonly prepare?: () => Promise<void>
  /** Runs one round of load, `seconds` long. */
  readonly measure: (seconds: number, round: number) => Promise<Round>
}

export interface Round {
  /** Per second. */
  readonly rate: number
  readonly requests: number
}

export interface Comparison {
  readonly figures: readonly Figure[]
  /** Median over the rounds of first / second within one round, so that slow moments of the machine affect both. */
  ratio(first: string, second: string): number
  /** The same of what a request costs. */
  costRatio(first: string, second: string, cost: Cost): number
}

/**
 * Measures the contenders in turn, A B A B …, in short rounds, every second one in reverse, so that none always comes first. A warm-up round is not
 * counted.
 */
export async function compare(contenders: readonly Contender[], { seconds, rounds, say }: RowContext): Promise<Comparison> {
  const values = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  const costs = new Map(contenders.filter(({ server }) => server !== undefined).map(({ name }) => [name, new Costs(name)]))
  for (const { prepare, measure } of contenders) {
    await prepare?.()
    await measure(Math.max(1, Math.ceil(seconds / 2)), -1)
  }
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed()
    for (const contender of order) {
      await contender.prepare?.()
      const { rate } = await measureWithCosts(contender, seconds, round, costs.get(contender.name))
      values.get(contender.name)?.push(rate)
    }
    say(`round ${round + 1}/${rounds}: ${contenders.map(({ name }) => `${name} ${count(values.get(name)?.[round])}`).join(', ')}`)
  }
  return {
    figures: [
      ...contenders.map(({ name }) => ({ name, unit: '/s', values: values.get(name) ?? [] })),
      ...[...costs.values()].flatMap(({ figures }) => figures),
    ],
    ratio: (first, second) => ratioOf(values.get(first), values.get(second)),
    costRatio: (first, second, cost) => ratioOf(costs.get(first)?.of(cost), costs.get(second)?.of(cost)),
  }
}

function ratioOf(above: readonly number[] = [], below: readonly number[] = []): number {
  return median(above.map((value, round) => value / (below[round] ?? Number.NaN)))
}

function count(value: number | undefined): string {
  return value === undefined ? '-' : `${Math.round(value).toLocaleString('en')}/s`
}

/** A load that must succeed. @throws Error when more than one in a thousand was refused */
export function goodRound(name: string, result: LoadResult): Round {
  const { perSecond, requests, refused, broken, timeouts } = result
  if (requests === 0 || (refused + broken + timeouts) * 1_000 > requests) {
    throw new Error(`${name}: of ${requests} requests ${refused} were refused, ${broken} broken, ${timeouts} timed out`)
  }
  return { rate: perSecond, requests }
}

async function measureWithCosts({ server, measure }: Contender, seconds: number, number: number, costs: Costs | undefined): Promise<Round> {
  if (server === undefined || costs === undefined) return measure(seconds, number)
  const meter = await CostMeter.open(server)
  try {
    const before = await meter.read()
    const round = await measure(seconds, number)
    costs.add(before, await meter.read(), round.requests)
    return round
  } finally {
    await meter.close()
  }
}
