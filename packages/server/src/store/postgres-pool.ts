import pg from 'pg'
import { randomSecret } from '../core/base/random.ts'
import {
  cancelStatement,
  PostgresServers,
  ReadOnlyServerError,
  type ServerConnection,
  type ServersOptions,
  streamOf,
  verifyWritable,
} from './postgres-servers.ts'
import type { StoreConnections } from './store.ts'

export interface PoolOptions extends ServersOptions {
  readonly poolSize: number
  /** The longest a caller has to do with a connection, its wait for one included. */
  readonly holdMsMax: number
  /** About how old a connection gets. */
  readonly ageMsMax: number
}

const watchMs = 1_000
const idleMsMax = 60_000
/** A connection that was asked within this whether it may write is not asked again before it is read from. */
const askedMsMax = 250
const cancelMsMax = 1_000
/** So long a server that takes connections may keep silent on one that was given up; from then on one a minute is no longer counted. */
const silentMsMax = 60_000

// SQLSTATE: the server cannot write any more, or ends; what else it says leaves the connection as it was.
const deadStates = /^(?:25006|25P03|57P0\d|08...|58...|XX...)$/

interface Pooled extends ServerConnection {
  readonly diesAt: number
  askedAt: number
  idleSince: number
}

interface Departing extends ServerConnection {
  readonly since: number
  isWatched: boolean
}

interface Waiter {
  readonly resolve: (pooled: Pooled) => void
  readonly reject: (error: unknown) => void
}

/**
 * Connections to the server that can write, never more than `poolSize`, those counted that were given up and that the server has not closed
 * yet: a frozen or locked database costs it no place beyond them.
 *
 * A statement that takes too long fails its caller, and the server is asked to cancel it. A connection is thrown away when its server says
 * that it cannot write or is ending, and at the age of `ageMsMax`, give or take a tenth.
 */
export class PostgresPool {
  readonly options = {}
  readonly #options: PoolOptions
  readonly #servers: PostgresServers
  readonly #idle: Pooled[] = []
  readonly #departing = new Set<Departing>()
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

  /** Connections that the servers may still hold for this process. */
  get size(): number {
    return this.#idle.length + this.#leased + this.#opening + this.#departing.size
  }

  connections(): StoreConnections {
    const { poolSize: max } = this.#options
    const [idle, closing, waiting] = [this.#idle.length, this.#departing.size, this.#waiters.length]
    return { idle, inUse: this.#leased, opening: this.#opening, closing, max, waiting }
  }

  /** For Kysely: a connection of which it is known that it may write. @throws Error */
  async connect(): Promise<pg.PoolClient> {
    return (await this.lease(true)) as unknown as pg.PoolClient
  }

  /** @param mustAsk whether the server must be known to be able to write: what is read from another could be out of date */
  async lease(mustAsk: boolean): Promise<Lease> {
    const startedAt = performance.now()
    for (;;) {
      const pooled = await this.#take(this.#options.connectMsMax - (performance.now() - startedAt))
      const msMax = this.#options.holdMsMax - (performance.now() - startedAt)
      const lease = new Lease(pooled, msMax, (isDead) => this.#takeBack(pooled, isDead))
      if (!mustAsk || performance.now() - pooled.askedAt < askedMsMax) return lease
      try {
        await lease.ask()
        pooled.askedAt = performance.now()
        return lease
      } catch (error) {
        lease.release(true)
        // All that are idle are asked, too, before they are used; a new one is asked when it is made.
        if (!(error instanceof ReadOnlyServerError)) throw error
      }
    }
  }

  async end(): Promise<void> {
    if (!this.#isEnded) {
      this.#isEnded = true
      for (const waiter of this.#waiters.splice(0)) waiter.reject(new Error('Cannot use a pool after it was ended'))
      for (const departing of this.#departing) this.#cancel(departing)
      for (const pooled of this.#idle.splice(0)) this.#depart(pooled)
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
        .connect((left) => this.#depart(left))
        .then(
          (connection) => this.#opened(connection),
          (error: unknown) => this.#failed(error),
        )
    }
  }

  #opened(connection: ServerConnection): void {
    const now = performance.now()
    const [byte = 0] = randomSecret(1)
    const pooled = { ...connection, diesAt: now + this.#options.ageMsMax * (0.9 + byte / 1_280), askedAt: now, idleSince: now }
    connection.client.on('end', () => {
      const index = this.#idle.indexOf(pooled)
      if (index >= 0) this.#idle.splice(index, 1)
      this.#settle()
    })
    this.#opening--
    this.#leased++
    this.#pass(pooled)
  }

  /** Whoever waits hears of it: all of them when there is no connection that could become free. */
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
      this.#depart(pooled)
      this.#settle()
      return
    }
    this.#pass(pooled)
  }

  /** To who waits longest, or to those that are idle. */
  #pass(pooled: Pooled): void {
    const waiter = this.#isEnded ? undefined : this.#waiters.shift()
    if (waiter !== undefined) {
      waiter.resolve(pooled)
      return
    }
    this.#leased--
    pooled.idleSince = performance.now()
    if (this.#isEnded) this.#depart(pooled)
    else this.#idle.push(pooled)
  }

  /** From here on a connection is of no use; it counts until the server has closed it. */
  #depart(connection: ServerConnection): void {
    const { client } = connection
    const stream = streamOf(client)
    // Nothing to wait for: closed, or never there.
    if (stream.destroyed || stream.connecting) {
      stream.destroy()
      return
    }
    const departing: Departing = { client, server: connection.server, since: performance.now(), isWatched: false }
    this.#departing.add(departing)
    this.#startWatch()
    stream.once('close', () => {
      this.#departing.delete(departing)
      this.#settle()
    })
    const end = () => client.end().catch(() => {})
    if (!isBusy(client)) {
      end()
      return
    }
    this.#cancel(departing)
    // With its statement over, the server hears that it is no longer needed.
    client.once('drain', end)
  }

  #cancel(departing: Departing): void {
    departing.isWatched = true
    cancelStatement(departing, cancelMsMax).then((outcome) => {
      departing.isWatched = false
      // Where nobody can connect, no place is taken either; and who ends waits for nobody.
      if (outcome === 'away' || this.#isEnded) streamOf(departing.client).destroy()
    })
  }

  /** After a connection has gone. */
  #settle(): void {
    this.#openMore()
    if (this.size > 0) return
    if (this.#watch !== null) clearInterval(this.#watch)
    this.#watch = null
    if (this.#isEnded) this.#empty.resolve()
  }

  #startWatch(): void {
    this.#watch ??= setInterval(() => this.#look(), watchMs).unref()
  }

  /** Ends what is idle or old, and asks again for what the server has not closed. */
  #look(): void {
    const now = performance.now()
    const isDue = ({ idleSince, diesAt }: Pooled) => now > diesAt || now - idleSince > idleMsMax
    for (const pooled of this.#idle.filter(isDue)) {
      this.#idle.splice(this.#idle.indexOf(pooled), 1)
      this.#depart(pooled)
    }
    for (const departing of this.#departing) {
      if (!departing.isWatched && now - departing.since > watchMs) this.#cancel(departing)
      if (now - departing.since > silentMsMax && now - this.#lostAt > silentMsMax) {
        this.#lostAt = now
        streamOf(departing.client).destroy()
      }
    }
  }
}

/** A connection in use. What is asked on it after its time is refused, and what is being asked fails. */
export class Lease {
  readonly #pooled: Pooled
  readonly #release: (isDead: boolean) => void
  readonly #deadline: NodeJS.Timeout
  #fail: ((error: Error) => void) | null = null
  #isDead = false
  #isLate = false
  #isReleased = false

  constructor(pooled: Pooled, msMax: number, release: (isDead: boolean) => void) {
    this.#pooled = pooled
    this.#release = release
    // One more turn: an answer that has arrived by then counts, although this process was too busy to read it.
    this.#deadline = setTimeout(() => setImmediate(() => this.#cut()), Math.max(msMax, 0))
  }

  /** As pg's. */
  query<R extends pg.QueryResultRow>(query: string | pg.QueryConfig, values?: unknown[]): Promise<pg.QueryResult<R>> {
    return this.#guard(() => this.#pooled.client.query<R>(query as string, values))
  }

  /** @throws ReadOnlyServerError */
  ask(): Promise<void> {
    return this.#guard(() => verifyWritable(this.#pooled.client))
  }

  release(destroy: unknown = false): void {
    if (this.#isReleased) return
    this.#isReleased = true
    clearTimeout(this.#deadline)
    // Cut, it has gone back already.
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

/** Whether a statement is under way on it, or it is still being opened. */
function isBusy(client: pg.Client): boolean {
  return !(client as unknown as { readyForQuery: boolean }).readyForQuery
}
