import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { type Installation, send } from './installation.ts'

export interface LoadFailure {
  readonly message: string
  /** When, by `performance.now`. */
  readonly at: number
}

/** Sends signed logins over several persistent connections until stopped. A failed request is never repeated. */
export class LoginLoad {
  /** Of the logins that were acknowledged. */
  readonly tokens: string[] = []
  /** Requests without an answer. */
  readonly failures: LoadFailure[] = []
  /** Unsuccessful answers. */
  readonly refusals: LoadFailure[] = []
  /** The longest wait for an answer, ms. */
  slowestMs = 0
  readonly #agent = new Agent({ keepAlive: true })
  readonly #connections: Promise<unknown>
  #isOver = false

  constructor(installation: Installation, origin: string, connections: number) {
    this.#connections = Promise.all(Array.from({ length: connections }, () => this.#work(installation, origin)))
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#connections
    this.#agent.destroy()
  }

  async #work(installation: Installation, origin: string): Promise<void> {
    while (!this.#isOver) {
      const body = installation.loginBody()
      const begun = performance.now()
      try {
        const { status, json } = await send('POST', `${origin}/api/member/login`, { body, agent: this.#agent })
        if (status === 200 && (json as { code: number }).code === 200) this.tokens.push(String(body.token))
        else this.refusals.push({ message: `${status} ${JSON.stringify(json)}`, at: performance.now() })
      } catch (error) {
        this.failures.push({ message: (error as Error).message, at: performance.now() })
        await delay(1)
      }
      this.slowestMs = Math.max(this.slowestMs, performance.now() - begun)
    }
  }
}
