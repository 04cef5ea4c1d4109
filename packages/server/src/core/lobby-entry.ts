import type { MemberSession, MemberSessionStore } from '../store/store.ts'
import type { Clock } from './clock.ts'
import type { SessionTokenHasher } from './session-token.ts'

/** Lets a member into the lobby by what `data.url` carries. */
export class LobbyEntry {
  readonly #sessions: MemberSessionStore
  readonly #hashToken: SessionTokenHasher
  readonly #clock: Clock

  constructor(options: { sessions: MemberSessionStore; hashToken: SessionTokenHasher; clock: Clock }) {
    this.#sessions = options.sessions
    this.#hashToken = options.hashToken
    this.#clock = options.clock
  }

  /** The live session behind a merchant's token; null when there is none, it has ended or expired. */
  async findLive(agentId: string, token: string): Promise<MemberSession | null> {
    const session = await this.#sessions.find(this.#hashToken(agentId, token))
    if (session === null || session.agentId !== agentId || session.endedAt !== null || session.expiresAt <= this.#clock.now()) return null
    return session
  }
}
