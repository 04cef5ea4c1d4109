import type pg from 'pg'
import { randomSecret } from '../core/base/random.ts'
import { Lease } from './postgres-lease.ts'
import {
  cancelStatement,
  PostgresServers,
  ReadOnlyServerError,
  type ServerConnection,
  type ServersOptions,
  streamOf,
} from './postgres-servers.ts'
import type { StoreConnections } from './store.ts'

export interface PoolOptions extends ServersOptions {
  readonly poolSize: number
  /** Maximum time for a caller's use of a connection, including the wait for one. */
  readonly holdMsMax: number
  /** Approximate maximum age of a connection. */
  readonly ageMsMax: number
}

const watchMs = 1_000
const idleMsMax = 60_000
/** A connection that was confirmed to be writable this recently is not checked again before a read. */
const checkedMsMax = 250
const cancelMsMax = 1_000
/** How long a reachable server may stay silent on abandoned connections; after that, one per minute is no longer counted. */
const silentMsMax = 60_000

interface Pooled extends ServerConnection {
  readonly diesAt: number
  checkedAt: number
  idleSince: number
}

interface Closing extends ServerConnection {
  readonly since: number
  isWatched: boolean
}

interface Waiter {
  readonly resolve: (pooled: Pooled) => void
  readonly reject: (error: unknown) => void
}

/**
 * Connections to the writable server, never more than `poolSize`, including abandoned ones that the server has not closed yet: a frozen or locked
 * database cannot make the pool exceed it.
 *
 * A statement that takes too long fails for its caller, and the server is asked to cancel it. A connection is discarded when its server turns out to
 * be read-only or shutting down, and at the age of `ageMsMax`, give or take a tenth.
 */
export class PostgresPool {
  readonly options = {}
  readonly #options: PoolOptions
  readonly #servers: PostgresServers
  readonly #idle: Pooled[] = []
  readonly #closing = new Set<Closing>()
  readonly #waiters: Waiter[] = []
  #leased = 0
  #opening = 0
  #isEnded = false
  #lostAt = Number.NEGATIVE_INFINITY
  #empty = Promise.withResolvers<void>()
  #watch: NodeJS.Timeout | null = null

  constructor(options: PoolOptions) {
    this.#options = options
    this.#servers = new PostgresServers(options)
  }

  /** Connections that servers may still hold for this process. */
  get size(): number {
    return this.#idle.length + this.#leased + this.#opening + this.#closing.size
  }

  connections(): StoreConnections {
    const { poolSize: max } = this.#options
    const [idle, closing, waiting] = [this.#idle.length, this.#closing.size, this.#waiters.length]
    return { idle, inUse: this.#leased, opening: this.#opening, closing, max, waiting }
  }

  /** For Kysely: a connection known to be writable. @throws Error */
  async connect(): Promise<pg.PoolClient> {
    return (await this.lease(true)) as unknown as pg.PoolClient
  }

  /** @param mustCheck whether the server must be confirmed to be writable: data read from another could be stale */
  async lease(mustCheck: boolean): Promise<Lease> {
    const startedAt = performance.now()
    for (;;) {
      const pooled = await this.#take(this.#options.connectMsMax - (performance.now() - startedAt))
      const msMax = this.#options.holdMsMax - (performance.now() - startedAt)
      const lease = new Lease(pooled.client, msMax, (isDead) => this.#takeBack(pooled, isDead))
      if (!mustCheck || performance.now() - pooled.checkedAt < checkedMsMax) return lease
      try {
        await lease.verifyWritable()
        pooled.checkedAt = performance.now()
        return lease
      } catch (error) {
        lease.release(true)
        // The idle ones are checked, too, before their next use; new ones are checked when opened.
        if (!(error instanceof ReadOnlyServerError)) throw error
      }
    }
  }

  async end(): Promise<void> {
    if (!this.#isEnded) {
      this.#isEnded = true
      for (const waiter of this.#waiters.splice(0)) waiter.reject(new Error('Cannot use a pool after it was ended'))
      for (const closing of this.#closing) this.#cancel(closing)
      for (const pooled of this.#idle.splice(0)) this.#discard(pooled)
      this.#settle()
    }
    await this.#empty.promise
  }

  #take(msMax: number): Promise<Pooled> {
    if (this.#isEnded) return Promise.reject(new Error('Cannot use a pool after it was ended'))
    const pooled = this.#idle.pop()
    if (pooled !== undefined) {
      this.#leased++
      return Promise.resolve(pooled)
    }
    const { promise, resolve, reject } = Promise.withResolvers<Pooled>()
    const waiter: Waiter = { resolve, reject }
    const timer = setTimeout(() => {
      const index = this.#waiters.indexOf(waiter)
      if (index < 0) return
      this.#waiters.splice(index, 1)
      reject(new Error('timeout: no connection to the database became free'))
    }, msMax)
    this.#waiters.push(waiter)
    this.#openMore()
    return promise.finally(() => clearTimeout(timer))
  }

  #openMore(): void {
    while (!this.#isEnded && this.#waiters.length > this.#opening && this.size < this.#options.poolSize) {
      this.#opening++
      this.#startWatch()
      this.#servers
        .connect((discarded) => this.#discard(discarded))
        .then(
          (connection) => this.#opened(connection),
          (error: unknown) => this.#failed(error),
        )
    }
  }

  #opened(connection: ServerConnection): void {
    const now = performance.now()
    const [byte = 0] = randomSecret(1)
    const pooled = { ...connection, diesAt: now + this.#options.ageMsMax * (0.9 + byte / 1_280), checkedAt: now, idleSince: now }
    connection.client.on('end', () => {
      const index = this.#idle.indexOf(pooled)
      if (index >= 0) this.#idle.splice(index, 1)
      this.#settle()
    })
    this.#opening--
    this.#leased++
    this.#handOver(pooled)
  }

  /** Fails waiting callers: all of them when no connection could become free. */
  #failed(error: unknown): void {
    this.#opening--
    const count = this.#leased === 0 ? this.#waiters.length : 1
    for (const waiter of this.#waiters.splice(0, count)) waiter.reject(error)
    this.#settle()
  }

  #takeBack(pooled: Pooled, isDead: boolean): void {
    const now = performance.now()
    if (isDead || this.#isEnded || now > pooled.diesAt || streamOf(pooled.client).destroyed) {
      this.#leased--
      this.#discard(pooled)
      this.#settle()
      return
    }
    this.#handOver(pooled)
  }

  /** To the caller that has waited longest, or to the idle ones. */
  #handOver(pooled: Pooled): void {
    const waiter = this.#isEnded ? undefined : this.#waiters.shift()
    if (waiter !== undefined) {
      waiter.resolve(pooled)
      return
    }
    this.#leased--
    pooled.idleSince = performance.now()
    if (this.#isEnded) this.#discard(pooled)
    else this.#idle.push(pooled)
  }

  /** Takes a connection out of use; it counts until the server has closed it. */
  #discard(connection: ServerConnection): void {
    const { client } = connection
    const stream = streamOf(client)
    // Nothing to wait for: closed, or never opened.
    if (stream.destroyed || stream.connecting) {
      stream.destroy()
      return
    }
    const closing: Closing = { client, server: connection.server, since: performance.now(), isWatched: false }
    this.#closing.add(closing)
    this.#startWatch()
    stream.once('close', () => {
      this.#closing.delete(closing)
      this.#settle()
    })
    const end = () => client.end().catch(() => {})
    if (!isBusy(client)) {
      end()
      return
    }
    this.#cancel(closing)
    // When its statement is over, tell the server that the connection is no longer needed.
    client.once('drain', end)
  }

  #cancel(closing: Closing): void {
    closing.isWatched = true
    cancelStatement(closing, cancelMsMax).then((outcome) => {
      closing.isWatched = false
      // An unreachable server holds no place; and a pool that is closing waits for none.
      if (outcome === 'unreachable' || this.#isEnded) streamOf(closing.client).destroy()
    })
  }

  /** After a connection is gone. */
  #settle(): void {
    this.#openMore()
    if (this.size > 0) return
    if (this.#watch !== null) clearInterval(this.#watch)
    this.#watch = null
    if (this.#isEnded) this.#empty.resolve()
  }

  #startWatch(): void {
    this.#watch ??= setInterval(() => this.#maintain(), watchMs).unref()
  }

  /** Closes idle and expired connections, and repeats cancel requests that the server has not acted on. */
  #maintain(): void {
    const now = performance.now()
    const isDue = ({ idleSince, diesAt }: Pooled) => now > diesAt || now - idleSince > idleMsMax
    for (const pooled of this.#idle.filter(isDue)) {
      this.#idle.splice(this.#idle.indexOf(pooled), 1)
      this.#discard(pooled)
    }
    for (const closing of this.#closing) {
      if (!closing.isWatched && now - closing.since > watchMs) this.#cancel(closing)
      if (now - closing.since > silentMsMax && now - this.#lostAt > silentMsMax) {
        this.#lostAt = now
        streamOf(closing.client).destroy()
      }
    }
  }
}

/** Whether it is running a statement or still opening. */
function isBusy(client: pg.Client): boolean {
  return !(client as unknown as { readyForQuery: boolean }).readyForQuery
}
