import { storeUnavailable } from './retry.ts'

/** As long as a call to the other store may take, ms. */
const waitMsMax = 3_000

/**
 * Turns at the one connection, first come, first served. Whoever waits too long is refused: a transaction that waited for another statement
 * of its own process would otherwise hold the store for good.
 */
export class SqliteTurns {
  #isTaken = false
  /** In order of arrival. Those before `#first` have had their turn. */
  #waiting: { readonly begin: () => void; hasGivenUp: boolean }[] = []
  #first = 0

  /** @throws GatewayError store_unavailable */
  take(): Promise<void> {
    if (!this.#isTaken) {
      this.#isTaken = true
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const waiting = {
        begin: () => {
          clearTimeout(timer)
          resolve()
        },
        hasGivenUp: false,
      }
      const timer = setTimeout(() => {
        waiting.hasGivenUp = true
        reject(storeUnavailable(new Error(`a transaction has held the SQLite connection for more than ${waitMsMax} ms`)))
      }, waitMsMax)
      this.#waiting.push(waiting)
    })
  }

  /** Ends a turn. */
  pass(): void {
    for (;;) {
      const next = this.#waiting[this.#first++]
      if (next === undefined) break
      if (next.hasGivenUp) continue
      next.begin()
      return
    }
    this.#waiting = []
    this.#first = 0
    this.#isTaken = false
  }
}
