import pg from 'pg'
import { verifyWritable } from './postgres-servers.ts'

// SQLSTATEs after which the connection is useless: the server became read-only or is shutting down. Any other error leaves it usable.
const deadStates = /^(?:25006|25P0[34]|57P0\d|08...|58...|XX...)$/

/** A connection in use. After its deadline, new queries are refused and the running one fails. */
export class Lease {
  readonly #client: pg.Client
  readonly #release: (isDead: boolean) => void
  readonly #deadline: NodeJS.Timeout
  #fail: ((error: Error) => void) | null = null
  #isDead = false
  #isLate = false
  #isReleased = false

  constructor(client: pg.Client, msMax: number, release: (isDead: boolean) => void) {
    this.#client = client
    this.#release = release
    // One more turn: an answer that has arrived by then counts, even if this process was too busy to read it.
    this.#deadline = setTimeout(() => setImmediate(() => this.#cut()), Math.max(msMax, 0))
  }

  /** Same signature as pg's. */
  query<R extends pg.QueryResultRow>(query: string | pg.QueryConfig, values?: unknown[]): Promise<pg.QueryResult<R>> {
    return this.#guard(() => this.#client.query<R>(query as string, values))
  }

  /** @throws ReadOnlyServerError */
  verifyWritable(): Promise<void> {
    return this.#guard(() => verifyWritable(this.#client))
  }

  release(destroy: unknown = false): void {
    if (this.#isReleased) return
    this.#isReleased = true
    clearTimeout(this.#deadline)
    // After a cut it has already been returned.
    if (!this.#isLate) this.#release(this.#isDead || Boolean(destroy))
  }

  #guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isLate || this.#isReleased) return Promise.reject(lateError())
    return new Promise((resolve, reject) => {
      this.#fail = reject
      work().then(resolve, (error: unknown) => {
        if (!(error instanceof pg.DatabaseError) || deadStates.test(error.code ?? '')) this.#isDead = true
        reject(error)
      })
    })
  }

  #cut(): void {
    if (this.#isReleased) return
    this.#isLate = true
    this.#fail?.(lateError())
    this.#release(true)
  }
}

function lateError(): Error {
  return new Error('timeout: the database took too long')
}
