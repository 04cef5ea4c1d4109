/** The undecided attempts of one counter in this process. */
export class InFlight {
  readonly key: string
  underWay = 0
  /** How many have been decided while the counter was open. */
  settledCount = 0
  #wake: (() => void)[] = []

  constructor(key: string) {
    this.key = key
  }

  settle(): void {
    this.underWay--
    this.settledCount++
    for (const wake of this.#wake.splice(0)) wake()
  }

  nextSettled(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve))
  }
}

/** Open counters and their queues. */
export class InFlightCounters {
  readonly #open = new Map<string, { counter: InFlight; users: number }>()
  /** By counter; settled after the last turn in the queue. */
  readonly #queues = new Map<string, Promise<void>>()

  /** Counters and queues in memory. */
  get size(): number {
    return this.#open.size + this.#queues.size
  }

  open(key: string): InFlight {
    const entry = this.#open.get(key) ?? { counter: new InFlight(key), users: 0 }
    entry.users++
    this.#open.set(key, entry)
    return entry.counter
  }

  close(counter: InFlight): void {
    const entry = this.#open.get(counter.key)
    if (entry !== undefined && --entry.users === 0) this.#open.delete(counter.key)
  }

  /** One at a time, in order of arrival. @returns ends the turn */
  async queue(key: string): Promise<() => void> {
    const before = this.#queues.get(key)
    const turn = Promise.withResolvers<void>()
    this.#queues.set(key, turn.promise)
    await before
    return () => {
      if (this.#queues.get(key) === turn.promise) this.#queues.delete(key)
      turn.resolve()
    }
  }
}
