import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { SellerTokens } from '@lobbykey/contract'
import { checkSession, type GameService, type Installation, isActive, seller, send } from './installation.ts'
import { authPath } from './seller-calls.ts'

const pauseMs = 2

/** Asks about a seller's token and a member's session, each again and again until stopped. */
export class TokenChecks {
  count = 0
  readonly failures: string[] = []
  readonly #origin: string
  readonly #service: GameService
  readonly #accessToken: string
  readonly #agent = new Agent({ keepAlive: true })
  #loops: Promise<unknown> = Promise.resolve()
  #isOver = false

  private constructor(origin: string, service: GameService, accessToken: string) {
    this.#origin = origin
    this.#service = service
    this.#accessToken = accessToken
  }

  /** Logs a seller in, and adds a game server. */
  static async prepare(installation: Installation, origin: string): Promise<TokenChecks> {
    const service = await installation.command<GameService>('service', 'add', 'tables')
    const { data } = (await send('POST', `${origin}${authPath}/login`, { body: seller })).json as { data: SellerTokens }
    return new TokenChecks(origin, service, data.accessToken)
  }

  /** @param sessionToken of the session to ask about now */
  start(sessionToken: () => string): void {
    const me = async () => {
      const headers = { authorization: `Bearer ${this.#accessToken}` }
      const { status } = await send('GET', `${this.#origin}${authPath}/me`, { headers, agent: this.#agent })
      return status === 200 ? null : `me ${status}`
    }
    const session = async () => {
      const answer = await checkSession(this.#origin, this.#service, sessionToken())
      return isActive(answer) ? null : `session check ${answer.status} ${JSON.stringify(answer.json)}`
    }
    this.#loops = Promise.all([this.#repeat(me), this.#repeat(session)])
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#loops
    this.#agent.destroy()
  }

  async #repeat(call: () => Promise<string | null>): Promise<void> {
    while (!this.#isOver) {
      const failure = await call().catch((error: unknown) => String(error))
      if (failure === null) this.count++
      else this.failures.push(failure)
      await delay(pauseMs)
    }
  }
}
