import { GatewayError } from '@lobbykey/contract'

/** Runs work of a kind one after another, first come, first served, so that it takes one connection of the store however much of it comes. */
export class OneAtATime {
  readonly #waitingMax: number
  #last: Promise<unknown> = Promise.resolve()
  #count = 0

  /** @param waitingMax how much may wait, beside what runs */
  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax
  }

  /** @throws GatewayError overloaded where too much waits; whatever `work` throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#count > this.#waitingMax) {
      const message = `${this.#count} large requests are waiting: repeat the same one later`
      throw new GatewayError('overloaded', { retryAfterMs: 5_000, message })
    }
    this.#count++
    const before = this.#last
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    this.#last = ended
    await before
    try {
      return await work()
    } finally {
      this.#count--
      end()
    }
  }
}
