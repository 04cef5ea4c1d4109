import type { Socket } from 'node:net'
import type { ChangeFeed } from '../../core/records/change-feed.ts'
import type { AccessTokenVerifier } from '../../core/tokens/access-token-verifier.ts'

const intervalMs = 500

/**
 * Connections that stay open after their bearer was admitted. Each is cut when its token expires or is revoked, and all when that can no longer be
 * determined.
 */
export class OpenSockets {
  readonly #accessTokens: AccessTokenVerifier
  readonly #feed: Pick<ChangeFeed, 'assertFresh'>
  readonly #tokens = new Map<Socket, string>()
  #timer: NodeJS.Timeout | null = null

  constructor(options: { accessTokens: AccessTokenVerifier; feed: Pick<ChangeFeed, 'assertFresh'> }) {
    this.#accessTokens = options.accessTokens
    this.#feed = options.feed
  }

  add(socket: Socket, token: string): void {
    this.#tokens.set(socket, token)
    socket.once('close', () => this.#tokens.delete(socket))
  }

  start(): void {
    this.#timer = setInterval(() => void this.#check(), intervalMs).unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  async #check(): Promise<void> {
    if (this.#tokens.size === 0) return
    let isFresh = true
    // Asked once for all: a store that hangs lets each asker wait.
    try {
      await this.#feed.assertFresh()
    } catch {
      isFresh = false
    }
    for (const [socket, token] of this.#tokens) if (!isFresh || !this.#isGood(token)) socket.destroy()
  }

  #isGood(token: string): boolean {
    try {
      this.#accessTokens.verify(token)
      return true
    } catch {
      return false
    }
  }
}
