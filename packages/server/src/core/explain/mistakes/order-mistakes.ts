import type { Attempt, Family, Mistake } from '../mistake.ts'
import { byName, type Pair, type Recipe } from '../recipe.ts'

/** The fields in another order than ascending by name. */
export const orderMistakes: Family = {
  ruledOut:
    'the fields in another order: as in the body, as in the documentation, descending, by value, by length, in a hash map, or one moved',
  *mistakes(attempt) {
    const { body, call, pairs } = attempt
    const documented = Object.keys(call.schema.properties)
    yield unsorted('in the order of the body', byRank(rankIn(Object.keys(body))), 'any')
    yield unsorted('descending', (fields) => byName(fields).reverse(), 'any')
    yield unsorted("in the documentation's order", byRank(rankIn(documented)), 'any')
    yield unsorted(
      'sorted by value',
      byRank((_name, text) => text),
      'any',
    )
    yield unsorted('sorted by value, descending', (fields) => byRank((_name, text) => text)(fields).toReversed())
    for (const order of hashMapOrders(Object.keys(body), documented)) yield unsorted("in the order of Java's HashMap", order)
    yield unsorted('sorted by the length of the name', (fields) => byRank((name) => name.length)(byName(fields)))
    yield unsorted('sorted by the length of the value', (fields) => byRank((_name, text) => text.length)(byName(fields)))
    yield unsorted('in the order of the body, reversed', (fields) => byRank(rankIn(Object.keys(body)))(fields).toReversed())
    const required = new Set(call.schema.required)
    yield unsorted('sorted, but with the optional fields last', (fields) => byRank((name) => (required.has(name) ? 0 : 1))(byName(fields)))
    yield* oneMoved(pairs)
    yield* twoSwapped(attempt)
  },
}

function unsorted(how: string, order: Recipe['order'], reach: Mistake['reach'] = 'key'): Mistake {
  return { kind: 'field-order', sentence: `The fields stand ${how}; they must be sorted by name, ascending.`, steps: { order }, reach }
}

function* oneMoved(pairs: readonly Pair[]): Generator<Mistake> {
  for (const [field] of pairs) {
    const last = (fields: readonly Pair[]) => byRank((name) => (name === field ? 1 : 0))(byName(fields))
    const first = (fields: readonly Pair[]) => byRank((name) => (name === field ? 0 : 1))(byName(fields))
    yield { ...unsorted(`sorted, but with ${field} last`, last), field }
    yield { ...unsorted(`sorted, but with ${field} first`, first), field }
  }
}

/** A hand-written list with two names swapped. */
function* twoSwapped({ pairs }: Attempt): Generator<Mistake> {
  for (let i = 0; i < pairs.length; i++) {
    for (let j = i + 1; j < pairs.length; j++) {
      const names = pairs.map(([name]) => name)
      const [a = '', b = ''] = [names[i], names[j]]
      names[i] = b
      names[j] = a
      yield { ...unsorted(`sorted, but with ${a} and ${b} the wrong way round`, byRank(rankIn(names)), 'alone'), field: a }
    }
  }
}

/** Sorts by a rank; fields of equal rank keep their order. */
function byRank(rank: (name: string, text: string) => number | string): Recipe['order'] {
  return (pairs) =>
    pairs
      .map((pair) => ({ pair, rank: rank(pair[0], pair[1]) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0))
      .map(({ pair }) => pair)
}

/** Names that are not in the list come last. */
function rankIn(names: readonly string[]): (name: string) => number {
  return (name) => (names.includes(name) ? names.indexOf(name) : names.length)
}

/** The orders of a HashMap: within a bucket, fields keep the order of insertion. */
export function hashMapOrders(...insertions: readonly (readonly string[])[]): Recipe['order'][] {
  const puts = [byName, ...insertions.map((names) => byRank(rankIn(names)))]
  return [16, 32, 64].flatMap((buckets) =>
    puts.map(
      (put): Recipe['order'] =>
        (pairs) =>
          byRank(hashMapRank(buckets))(put(pairs)),
    ),
  )
}

/** java.util.HashMap walks its buckets; the bucket is String.hashCode, its high half folded in. */
function hashMapRank(buckets: number): (name: string) => number {
  return (name) => {
    let code = 0
    for (let i = 0; i < name.length; i++) code = (Math.imul(31, code) + name.charCodeAt(i)) | 0
    return (code ^ (code >>> 16)) & (buckets - 1)
  }
}
