/** A run of two texts: equal in both, or what each has instead of the other's. */
export interface Run {
  readonly isSame: boolean
  readonly a: readonly [from: number, to: number]
  readonly b: readonly [from: number, to: number]
}

/** Maximum steps of the comparison; beyond it the middles of two texts count as entirely different. */
const cellsMax = 1_000_000

/** The longest common subsequence: by words, then by characters within words that differ. */
export function runs(a: string, b: string): Run[] {
  const byWords = compared(wordsOf(a), wordsOf(b))
  return joined(byWords.flatMap((run) => (run.isSame || isEmpty(run.a) || isEmpty(run.b) ? [run] : withinWords(run, a, b))))
}

/** Character by character, unless that leaves fragments. */
function withinWords(run: Run, a: string, b: string): Run[] {
  const [own, other] = [a.slice(...run.a), b.slice(...run.b)]
  const inner = compared([...own], [...other])
  const same = inner.filter(({ isSame }) => isSame).reduce((sum, part) => sum + part.a[1] - part.a[0], 0)
  if (same * 2 < Math.min(own.length, other.length) || inner.length > 12) return [run]
  return inner.map(({ isSame, a: [from, to], b: [start, end] }) => ({
    isSame,
    a: [run.a[0] + from, run.a[0] + to],
    b: [run.b[0] + start, run.b[0] + end],
  }))
}

function isEmpty([from, to]: readonly [number, number]): boolean {
  return from === to
}

/** Runs of letters and digits, and every other character by itself. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+|[^\p{L}\p{N}]/gsu) ?? []
}

function compared(a: readonly string[], b: readonly string[]): Run[] {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const middle = longestCommon(a.slice(start, a.length - end), b.slice(start, b.length - end))
  const runs: Run[] = []
  const at: [number, number] = [0, 0]
  const push = (isSame: boolean, own: readonly string[], other: readonly string[]) => {
    const [x, y] = at
    at[0] += lengthOf(own)
    at[1] += lengthOf(other)
    runs.push({ isSame, a: [x, at[0]], b: [y, at[1]] })
  }
  push(true, a.slice(0, start), b.slice(0, start))
  for (const { isSame, own, other } of middle) push(isSame, own, other)
  push(true, a.slice(a.length - end), b.slice(b.length - end))
  return joined(runs)
}

function lengthOf(items: readonly string[]): number {
  return items.reduce((sum, { length }) => sum + length, 0)
}

interface Matched {
  readonly isSame: boolean
  readonly own: readonly string[]
  readonly other: readonly string[]
}

function longestCommon(a: readonly string[], b: readonly string[]): Matched[] {
  if (a.length * b.length > cellsMax) return [{ isSame: false, own: a, other: b }]
  const width = b.length + 1
  const lengths = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + (a[i]?.length ?? 0) : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const matched: Matched[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const from: [number, number] = [i, j]
    while (i < a.length && j < b.length && a[i] === b[j]) {
      i++
      j++
    }
    if (i > from[0]) matched.push({ isSame: true, own: a.slice(from[0], i), other: b.slice(from[1], j) })
    const differs: [number, number] = [i, j]
    while ((i < a.length || j < b.length) && !(i < a.length && j < b.length && a[i] === b[j])) {
      if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) i++
      else j++
    }
    if (i > differs[0] || j > differs[1]) matched.push({ isSame: false, own: a.slice(differs[0], i), other: b.slice(differs[1], j) })
  }
  return matched
}

/** Merges neighbours of one kind and drops empty ones. */
function joined(runs: readonly Run[]): Run[] {
  const out: Run[] = []
  for (const run of runs) {
    if (isEmpty(run.a) && isEmpty(run.b)) continue
    const last = out.at(-1)
    if (last !== undefined && last.isSame === run.isSame)
      out[out.length - 1] = { isSame: run.isSame, a: [last.a[0], run.a[1]], b: [last.b[0], run.b[1]] }
    else out.push(run)
  }
  return out
}
