import { GatewayError } from '@lobbykey/contract'
import type { Clock } from '../base/clock.ts'

export interface PasswordLaneOptions {
  readonly clock: Clock
  /** Hashes computed at once. */
  readonly passwordLaneWidth: number
  /** Jobs that may wait. */
  readonly passwordQueueMax: number
  /** How long one may wait, ms. */
  readonly passwordQueueMsMax: number
}

/** How long a caller waits at most: until it hangs up or its time is over, ms since 1970. */
export interface Patience {
  readonly until: number
  readonly signal: AbortSignal
}

interface Waiting {
  readonly patience: Patience
  readonly start: () => void
  readonly giveUp: (error: unknown) => void
}

/**
 * Bounded admission for password hashing, the one costly thing that a stranger can ask for (check 40): so many at once, so many
 * waiting, for so long. What is beyond is answered `login_busy` and costs nothing. A waiting job whose caller is gone is dropped.
 *
 * Deadlines are looked at whenever a job ends. While anything waits something is being hashed, so that is every few milliseconds.
 */
export class PasswordLane {
  readonly #options: PasswordLaneOptions
  /** How long a job takes, ms: a mean in which the last ten count for two thirds. Zero before the first. */
  #jobMs = 0
  #entered = 0
  #running = 0
  #waiting: Waiting[] = []

  constructor(options: PasswordLaneOptions) {
    this.#options = options
  }

  /** The patience of a login that begins now. */
  patience(signal: AbortSignal): Patience {
    return { until: this.#options.clock.now() + this.#options.passwordQueueMsMax, signal }
  }

  /**
   * Takes a place for one who will have a job, before anything is done for it: who would not get its turn in time, with all those before it
   * that are still being looked up, is told so at once and costs nothing else.
   *
   * @returns gives the place back; to be called when the job is done or will never come
   * @throws GatewayError login_busy; the signal's reason when the caller is gone
   */
  enter(patience: Patience): () => void {
    const { clock, passwordLaneWidth, passwordQueueMax } = this.#options
    const now = clock.now()
    verifyPatience(patience, now)
    const ahead = this.#entered - passwordLaneWidth + 1
    if (ahead > passwordQueueMax || now + (ahead * this.#jobMs) / passwordLaneWidth > patience.until) throw loginBusy()
    this.#entered++
    return () => {
      this.#entered--
    }
  }

  /** @throws GatewayError login_busy; the signal's reason when the caller left before its turn; whatever `job` throws */
  async run<T>(job: () => Promise<T>, patience: Patience): Promise<T> {
    await this.#admit(patience)
    const { clock } = this.#options
    const begun = clock.now()
    try {
      return await job()
    } finally {
      const tookMs = clock.now() - begun
      this.#jobMs += this.#jobMs === 0 ? tookMs : (tookMs - this.#jobMs) / 10
      this.#running--
      this.#next()
    }
  }

  async #admit(patience: Patience): Promise<void> {
    verifyPatience(patience, this.#options.clock.now())
    if (this.#running < this.#options.passwordLaneWidth) {
      this.#running++
      return
    }
    this.#dropExpired()
    if (this.#waiting.length >= this.#options.passwordQueueMax) throw loginBusy()
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting)
        reject(patience.signal.reason)
      }
      const waiting: Waiting = {
        patience,
        start: () => {
          patience.signal.removeEventListener('abort', leave)
          resolve()
        },
        giveUp: (error) => {
          patience.signal.removeEventListener('abort', leave)
          reject(error)
        },
      }
      patience.signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(waiting)
    })
  }

  #next(): void {
    this.#dropExpired()
    const waiting = this.#waiting.shift()
    if (waiting === undefined) return
    this.#running++
    waiting.start()
  }

  #dropExpired(): void {
    const now = this.#options.clock.now()
    const expired = this.#waiting.filter((waiting) => now > waiting.patience.until)
    if (expired.length === 0) return
    this.#waiting = this.#waiting.filter((waiting) => now <= waiting.patience.until)
    for (const waiting of expired) waiting.giveUp(loginBusy())
  }
}

export function loginBusy(): GatewayError {
  return new GatewayError('login_busy', { retryAfterMs: 1_000 })
}

/** @throws GatewayError login_busy when the time is over; the signal's reason when the caller is gone */
export function verifyPatience(patience: Patience, now: number): void {
  patience.signal.throwIfAborted()
  if (now > patience.until) throw loginBusy()
}
