/** A row of the table: what is measured, against what, and what it has to reach. */
export interface Row {
  readonly name: string
  readonly title: string
  /** Null when it can run here; otherwise why not. */
  readonly obstacle?: () => string | null
  readonly run: (context: RowContext) => Promise<RowResult>
}

export interface RowContext {
  /** Of one round of load. */
  readonly seconds: number
  readonly rounds: number
  /** Members of the large store; 0: the row is left out. */
  readonly largeRows: number
  readonly say: (line: string) => void
}

export interface RowResult {
  readonly lines: readonly ResultLine[]
  /** What was measured, for people. */
  readonly figures: readonly Figure[]
  /** What a reader has to know: parameters, settings, what flatters whom. */
  readonly notes: readonly string[]
}

/** One line of the table. */
export interface ResultLine {
  readonly title: string
  readonly against: string
  /** What was reached, such as a ratio. */
  readonly value: number
  readonly unit: '×' | 'ms' | 'MiB' | ''
  /** Null: shown for comparison only. */
  readonly target: { readonly bound: 'at least' | 'at most'; readonly value: number } | null
}

export interface Figure {
  readonly name: string
  readonly unit: string
  /** One a round. */
  readonly values: readonly number[]
}

export function isReached({ value, target }: ResultLine): boolean {
  if (target === null) return true
  return target.bound === 'at least' ? value >= target.value : value <= target.value
}
