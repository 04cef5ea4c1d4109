/** A row of the table: what is measured, against what, and its target. */
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
  /** Members of the large store; 0 skips the row. */
  readonly largeRows: number
  readonly say: (line: string) => void
}

export interface RowResult {
  readonly lines: readonly ResultLine[]
  /** The measured values, for people. */
  readonly figures: readonly Figure[]
  /** What readers have to know: parameters, settings, biases. */
  readonly notes: readonly string[]
}

/** One line of the table. */
export interface ResultLine {
  readonly title: string
  readonly against: string
  /** The result, such as a ratio. */
  readonly value: number
  readonly unit: '×' | 'ms' | 'MiB' | ''
  /** Null: shown for comparison only. */
  readonly target: { readonly bound: 'at least' | 'at most'; readonly value: number } | null
}

export interface Figure {
  readonly name: string
  readonly unit: string
  /** One per round. */
  readonly values: readonly number[]
}

export function isReached({ value, target }: ResultLine): boolean {
  if (target === null) return true
  return target.bound === 'at least' ? value >= target.value : value <= target.value
}
