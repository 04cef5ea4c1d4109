/** Lets so many log lines of one kind through a second, so that what goes wrong for thousands of calls does not fill the log. */
export class LineShare {
  readonly #perSecond: number
  readonly #now: () => number
  #second = Number.NEGATIVE_INFINITY
  #taken = 0
  #leftOut = 0

  /** @param now in ms */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond
    this.#now = now
  }

  /** How many lines were left out since the last one that was let through; null if this one is to be left out, too. */
  take(): number | null {
    const second = Math.floor(this.#now() / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#taken = 0
    }
    if (this.#taken === this.#perSecond) {
      this.#leftOut++
      return null
    }
    this.#taken++
    const leftOut = this.#leftOut
    this.#leftOut = 0
    return leftOut
  }
}
