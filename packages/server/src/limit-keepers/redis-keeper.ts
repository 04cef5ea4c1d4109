import type { Redis } from 'ioredis'
import { burstMs } from '../core/limits/rate-limiter.ts'
import type { LimitAnswer, LimitKeeper, LimitOrder } from '../core/limits/shared-limiter.ts'

/**
 * GCRA over keys that hold a theoretical arrival time in milliseconds, like `RateLimiter`. Uses Redis' time, so that nodes with different clocks
 * share one. A key expires when nothing is owed under it, after at most three seconds, which bounds memory.
 *
 * Input: each key's rate per second and how many are wanted. Output: how many are granted, and the debt after that in microseconds. `%.17g` keeps a
 * double exact, and a tolerance of a thousandth of a request absorbs rounding.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local burst = ${burstMs}
local answers = {}
for i, key in ipairs(KEYS) do
  local rate, wanted = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local tat = tonumber(redis.call('GET', key)) or now
  tat = math.min(math.max(tat, now), now + burst)
  local room = math.floor((now + burst - tat) * rate / 1000 + 0.001)
  local taken = math.min(wanted, room)
  if taken > 0 then
    tat = tat + taken * 1000 / rate
    redis.call('SET', key, string.format('%.17g', tat), 'PX', math.ceil(tat - now))
  end
  answers[2 * i - 1] = taken
  answers[2 * i] = math.floor((tat - now) * 1000 + 0.5)
end
return answers
`

const connectMsMax = 1_000

export interface RedisKeeperOptions {
  /** redis://… or rediss://…; may contain a password. */
  readonly url: string
  /** Of all keys: separates installations that share a Redis. */
  readonly prefix: string
}

/** Keeps limits in Redis or Valkey, for every process of every node: one round trip for everything a process asks in one turn. */
export class RedisKeeper implements LimitKeeper {
  readonly answerMsMax = 100
  readonly #options: RedisKeeperOptions
  #client: Redis | null = null
  #scriptHash = ''

  constructor(options: RedisKeeperOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    this.close()
    // Loaded on demand, so that servers without Redis neither wait for it nor hold it in memory.
    const { Redis } = await import('ioredis')
    // The caller decides whether and when to reconnect: a request must never queue for a server that is away.
    const client = new Redis(this.#options.url, {
      lazyConnect: true,
      retryStrategy: null,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: connectMsMax,
      protocol: 2,
      disableClientInfo: true,
      connectionName: 'lobbykey',
    })
    this.#client = client
    let reason: unknown
    client.on('error', (error) => {
      reason = error
    })
    try {
      await client.connect()
      this.#scriptHash = String(await client.script('LOAD', script))
      // A server that accepts the connection but refuses writes (a replica, a full one) counts as unavailable.
      await this.take([{ key: 'probe', ratePerSecond: 1_000, wanted: 1 }])
    } catch (error) {
      client.disconnect()
      throw plainError(reason ?? error)
    }
  }

  async take(orders: readonly LimitOrder[]): Promise<readonly LimitAnswer[]> {
    if (this.#client === null) throw new Error('Redis is not connected')
    const keys = orders.map(({ key }) => this.#options.prefix + key)
    const numbers = orders.flatMap(({ ratePerSecond, wanted }) => [ratePerSecond, wanted])
    try {
      const answers = (await this.#client.evalsha(this.#scriptHash, keys.length, ...keys, ...numbers)) as number[]
      return orders.map((_, index) => ({ taken: Number(answers[2 * index]), debtMs: Number(answers[2 * index + 1]) / 1_000 }))
    } catch (error) {
      throw plainError(error)
    }
  }

  close(): void {
    this.#client?.disconnect()
    this.#client = null
  }
}

/** Only the message: the driver attaches the failed command to its errors, and that of AUTH contains the password. */
function plainError(error: unknown): Error {
  const { message, code } = (error ?? {}) as { message?: string; code?: string }
  return new Error(`Redis: ${message || code || 'no reason given'}`)
}
