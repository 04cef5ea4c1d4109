import { connect as connectTcp } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { PostgresServer } from './database-url.ts'

export interface ServersOptions {
  readonly servers: readonly PostgresServer[]
  /** Maximum wait for all servers together. */
  readonly connectMsMax: number
  /** When the server itself ends a statement, or a statement's wait for a lock. */
  readonly statementMsMax: number
  readonly applicationName: string
}

/** A connection, and the server it leads to. */
export interface ServerConnection {
  readonly client: pg.Client
  readonly server: PostgresServer
}

/** A server that answers but cannot write: a standby, or a demoted primary. */
export class ReadOnlyServerError extends Error {
  override readonly name = 'ReadOnlyServerError'
  readonly code = 'read_only_server'
}

/** Of several servers none could be used; says why of each. */
export class NoServerError extends Error {
  override readonly name = 'NoServerError'
  readonly code = 'no_server'

  constructor(failures: readonly { readonly server: PostgresServer; readonly error: unknown }[]) {
    const texts = failures.map(
      ({ server, error }) => `${server.host}:${server.port}: ${error instanceof Error ? error.message || error.name : error}`,
    )
    super(texts.join('; '), { cause: failures.at(-1)?.error })
  }
}

const lockShare = 0.9

/** Finds the writable server, and tries it first the next time. */
export class PostgresServers {
  readonly #options: ServersOptions
  #first = 0
  /** PgBouncer refuses these as connection options: there the time limits are set on the role (docs/operations.md). */
  #acceptsLimits = true

  constructor(options: ServersOptions) {
    this.#options = options
  }

  /**
   * Connects to a writable server.
   * @param onDiscarded gets connections that turned out useless and may not be closed yet
   * @throws the server's error; NoServerError if there are several servers
   */
  async connect(onDiscarded: (connection: ServerConnection) => void): Promise<ServerConnection> {
    const { servers, connectMsMax } = this.#options
    const failures: { server: PostgresServer; error: unknown }[] = []
    for (let turn = 0; turn < servers.length; turn++) {
      const index = (this.#first + turn) % servers.length
      const server = servers[index] as PostgresServer
      try {
        const connection = await this.#open(server, connectMsMax / servers.length, onDiscarded)
        this.#first = index
        return connection
      } catch (error) {
        failures.push({ server, error })
      }
    }
    throw failures.length === 1 ? failures[0]?.error : new NoServerError(failures)
  }

  async #open(server: PostgresServer, msMax: number, onDiscarded: (connection: ServerConnection) => void): Promise<ServerConnection> {
    const hasLimits = this.#acceptsLimits
    const connection = { client: this.#makeClient(server), server }
    const late = new AbortController()
    try {
      await Promise.race([
        connection.client.connect().then(() => verifyWritable(connection.client)),
        wait(msMax, undefined, { signal: late.signal }).then(() => {
          throw new Error(`timeout: no connection within ${Math.round(msMax)} ms`)
        }),
      ])
      return connection
    } catch (error) {
      // A server that refuses a connection closes it.
      if (error instanceof pg.DatabaseError) streamOf(connection.client).destroy()
      onDiscarded(connection)
      if (!hasLimits || !isLimitRefused(error)) throw error
      this.#acceptsLimits = false
      return this.#open(server, msMax, onDiscarded)
    } finally {
      late.abort()
    }
  }

  #makeClient({ url }: PostgresServer): pg.Client {
    const { statementMsMax, applicationName } = this.#options
    const limits = {
      statement_timeout: statementMsMax,
      lock_timeout: Math.round(statementMsMax * lockShare),
      // On a busy machine, starting processes beside a statement of milliseconds takes longer than it does.
      options: '-c max_parallel_workers_per_gather=0',
    }
    const client = new pg.Client({
      connectionString: url,
      keepAlive: true,
      application_name: applicationName,
      ...(this.#acceptsLimits ? limits : {}),
      types: { getTypeParser: parserOf },
    })
    // A broken connection fails its query; the event itself needs no handling.
    client.on('error', () => {})
    return client
  }
}

function parserOf(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  const parse = pg.types.getTypeParser(oid, format)
  switch (oid) {
    case pg.types.builtins.INT8:
      return Number
    case pg.types.builtins.BYTEA:
      // A copy with memory of its own: pg's is a slice of Node's pool, all 64 KiB of which would live as long as one row in a cache.
      return (value) => new Uint8Array(parse(value))
    default:
      return parse
  }
}

/** @throws ReadOnlyServerError */
export async function verifyWritable(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ is_on: boolean }>("select current_setting('transaction_read_only') = 'on' as is_on")
  if (rows[0]?.is_on !== false) throw new ReadOnlyServerError('the PostgreSQL server cannot write: it is a standby, or read-only')
}

function isLimitRefused(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /startup parameter/.test(error.message)
}

/** Properties of pg's client that its types do not declare. */
interface Internals {
  readonly processID: number | null
  readonly secretKey: number | null
  readonly ssl: unknown
  readonly connection: { readonly stream: import('node:net').Socket }
}

export function streamOf(client: pg.Client): import('node:net').Socket {
  return (client as unknown as Internals).connection.stream
}

/** Result of a cancel request: accepted, reached without an answer, or unreachable. */
export type CancelOutcome = 'accepted' | 'silent' | 'unreachable'

interface CancelConnection {
  connect(port: number | string, host?: string): void
  requestSsl(): void
  cancel(processId: number, secretKey: number): void
  on(event: string, listener: () => void): void
  readonly stream: import('node:net').Socket
}

/** Asks the server to cancel a connection's statement. Uses a connection of its own, encrypted like the other, which does not count in the pool. */
export function cancelStatement({ client, server }: ServerConnection, msMax: number): Promise<CancelOutcome> {
  const { processID, secretKey, ssl } = client as unknown as Internals
  if (processID === null || secretKey === null) return probe(server, msMax)
  const connection = new pg.Connection({ ssl } as never) as unknown as CancelConnection
  const { promise, resolve } = Promise.withResolvers<CancelOutcome>()
  let isReached = false
  const end = (outcome: CancelOutcome) => {
    clearTimeout(timer)
    connection.stream.destroy()
    resolve(outcome)
  }
  const timer = setTimeout(() => end(isReached ? 'silent' : 'unreachable'), msMax)
  const send = () => connection.cancel(processID, secretKey)
  connection.on('connect', () => {
    isReached = true
    if (ssl) connection.requestSsl()
    else send()
  })
  connection.on('sslconnect', send)
  connection.on('error', () => end(isReached ? 'accepted' : 'unreachable'))
  connection.on('end', () => end(isReached ? 'accepted' : 'unreachable'))
  if (server.host.startsWith('/')) connection.connect(socketPath(server))
  else connection.connect(server.port, server.host)
  return promise
}

/** Whether anything listens there. */
function probe(server: PostgresServer, msMax: number): Promise<CancelOutcome> {
  const socket = server.host.startsWith('/') ? connectTcp(socketPath(server)) : connectTcp(server.port, server.host)
  const { promise, resolve } = Promise.withResolvers<CancelOutcome>()
  socket.setTimeout(msMax, () => resolve('unreachable'))
  socket.on('connect', () => resolve('silent')).on('error', () => resolve('unreachable'))
  return promise.finally(() => socket.destroy())
}

function socketPath({ host, port }: PostgresServer): string {
  return `${host}/.s.PGSQL.${port}`
}
