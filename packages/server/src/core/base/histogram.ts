/** What was counted: by bucket, each up to its bound and the last without one, and the sum of all. */
export interface Histogram {
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  readonly sum: number
}

/** Counts values in buckets that are fixed. An observation is an increment and costs nothing that a request would notice. */
export class Buckets implements Histogram {
  readonly bounds: readonly number[]
  readonly counts: number[]
  sum = 0

  /** @param bounds ascending; a value belongs to the first that it does not exceed */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Array(bounds.length + 1).fill(0)
  }

  observe(value: number): void {
    const { bounds, counts } = this
    let index = 0
    while (index < bounds.length && value > (bounds[index] as number)) index++
    counts[index] = (counts[index] as number) + 1
    this.sum += value
  }
}

/** From what a call in memory takes to the longest that anyone is let wait, ms. */
export const durationBoundsMs = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 3_000] as const
