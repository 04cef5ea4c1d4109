import type { FastifyBaseLogger } from 'fastify'
import type { Sealer } from '../core/base/sealer.ts'
import { findServerSecret } from '../core/base/server-secret.ts'
import { type Limiter, RateLimiter } from '../core/limits/rate-limiter.ts'
import { type LimitKeeper, SharedLimiter } from '../core/limits/shared-limiter.ts'
import type { MetaStore, ProcessState } from '../store/store.ts'
import { RedisKeeper } from './redis-keeper.ts'

export interface LimiterOptions {
  /** Null: no Redis. */
  readonly redisUrl: string | null
  /** Keeps the limits of this node's workers when there is no Redis. */
  readonly limitKeeper: LimitKeeper | undefined
  readonly meta: MetaStore
  readonly sealer: Sealer
  readonly logger: FastifyBaseLogger
}

export interface OpenLimiter {
  readonly limiter: Limiter
  /** What keeps the limits, and whether it is reachable. */
  describe(): Pick<ProcessState, 'limits' | 'limitsShared'>
  close(): void
}

/** The limiter with the widest scope available: all nodes, one node's workers, or this process. */
export async function openLimiter(options: LimiterOptions): Promise<OpenLimiter> {
  const { redisUrl, logger } = options
  const keeper = redisUrl === null ? options.limitKeeper : new RedisKeeper({ url: redisUrl, prefix: await findPrefix(options) })
  if (keeper === undefined)
    return { limiter: new RateLimiter(), describe: () => ({ limits: 'process', limitsShared: true }), close: () => {} }
  const limiter = new SharedLimiter({
    keeper,
    onAway: (error) => logger.warn({ err: error }, 'rate limits are not shared now: each process keeps its own'),
    onBack: () => logger.info('rate limits are shared again'),
  })
  await limiter.start()
  const limits = redisUrl === null ? 'node' : 'redis'
  return { limiter, describe: () => ({ limits, limitsShared: !limiter.isAway }), close: () => limiter.close() }
}

/** Derived from the store, so that exactly the processes of one store share limits. */
async function findPrefix({ meta, sealer }: LimiterOptions): Promise<string> {
  const secret = await findServerSecret(meta, sealer, 'limit-prefix')
  return `lobbykey:${Buffer.from(secret).toString('base64url').slice(0, 12)}:`
}
