import { storeUnavailable } from './retry.ts'

/** As long as a call to the other store may take, ms. */
const waitMsMax = 3_000

/**
 * Turns at the one connection, first come, first served. Whoever waits too long is refused: a transaction that waited for another statement
 * of its own process would otherwise hold the store for good.
 */
export class SqliteTurns {
  #isTaken = false
  readonly #waiting = new Set<() => void>()

  /** @throws GatewayError store_unavailable */
  take(): Promise<void> {
    if (!this.#isTaken) {
      this.#isTaken = true
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(begin)
        reject(storeUnavailable(new Error(`a transaction has held the SQLite connection for more than ${waitMsMax} ms`)))
      }, waitMsMax)
      this.#waiting.add(begin)
    })
  }

  /** Ends a turn. */
  pass(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#isTaken = false
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
