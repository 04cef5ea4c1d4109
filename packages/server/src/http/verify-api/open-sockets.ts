import type { Socket } from 'node:net'
import { isGatewayError } from '@lobbykey/contract'
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
    for (const [socket, token] of this.#tokens) {
      try {
        await this.#feed.assertFresh()
        this.#accessTokens.verify(token)
      } catch (error) {
        if (isGatewayError(error)) socket.destroy()
      }
    }
  }
}
