import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { type Installation, send } from './installation.ts'

/** Refused callers retry after this; docs/errors.md recommends longer. */
const pauseMs = 200
/** Few enough that waiting is due to the servers rather than to a shared processor. */
const perSecondUsual = 200

/** Signed logins by many concurrent clients, spread over nodes, with the time of each answer. */
export class TimedLoad {
  readonly tokens: string[] = []
  /** Answers that were neither a success nor a temporary refusal. */
  readonly unexpected: string[] = []
  /** Requests that this process was too slow to send, or whose connection was cut before an answer. */
  cut = 0
  unavailable = 0
  withoutRetryAfter = 0
  slowestMs = 0
  slowestWas = ''
  sent = 0
  lastRefusedAt = 0
  readonly #agent = new Agent({ keepAlive: true })
  readonly #clients: Promise<unknown>
  #firstAfter: { at: number; found: (ms: number) => void } | null = null
  readonly #begunAt = performance.now()
  #measuredFrom = Number.POSITIVE_INFINITY
  #isOver = false

  /** @param perSecond logins of all clients together */
  constructor(installation: Installation, origins: readonly string[], clients: number, perSecond = perSecondUsual) {
    this.#clients = Promise.all(
      Array.from({ length: clients }, (_, n) => this.#work(installation, origins[n % origins.length] ?? '', (clients * 1_000) / perSecond)),
    )
  }

  /** From now to the first acknowledged login, ms. */
  untilSuccess(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>()
    this.#firstAfter = { at: performance.now(), found: resolve }
    return promise
  }

  /** Excludes the start of so many clients at once, which is not an answer's time. */
  measureFromHere(): void {
    this.#measuredFrom = performance.now()
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#clients
    this.#agent.destroy()
  }

  async #work(installation: Installation, origin: string, everyMs: number): Promise<void> {
    await delay(everyMs * Math.random())
    while (!this.#isOver) {
      const body = installation.loginBody()
      const begun = performance.now()
      this.sent++
      try {
        const { status, headers, json } = await send('POST', `${origin}/api/member/login`, { body, agent: this.#agent })
        const ms = performance.now() - begun
        if (begun > this.#measuredFrom && ms > this.slowestMs) {
          this.slowestMs = ms
          this.slowestWas = `${status}, begun ${Math.round(begun - this.#begunAt)} ms after the first`
        }
        this.#note(status, headers['retry-after'] !== undefined, (json as { code?: number }).code, String(body.token))
        await delay(Math.max(everyMs - ms, status === 200 ? 0 : pauseMs))
      } catch {
        this.cut++
        await delay(pauseMs)
      }
    }
  }

  #note(status: number, hasRetryAfter: boolean, code: number | undefined, token: string): void {
    if (status === 200 && code === 200) {
      this.tokens.push(token)
      this.#firstAfter?.found(performance.now() - this.#firstAfter.at)
      this.#firstAfter = null
      return
    }
    if (status === 408) {
      this.cut++
      return
    }
    this.lastRefusedAt = performance.now()
    // 429: more requests wait than the node has room for.
    if (status !== 503 && status !== 429) this.unexpected.push(`${status} ${code}`)
    else this.unavailable++
    if (!hasRetryAfter) this.withoutRetryAfter++
  }
}
