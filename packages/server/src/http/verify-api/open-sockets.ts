import type { Socket } from 'node:net'
import { isGatewayError } from '@lobbykey/contract'
import type { AccessTokenVerifier } from '../../core/access-token-verifier.ts'

const intervalMs = 500

/** Connections that stay open after their bearer was admitted; each is cut when its token expires or is revoked. */
export class OpenSockets {
  readonly #accessTokens: AccessTokenVerifier
  readonly #tokens = new Map<Socket, string>()
  #timer: NodeJS.Timeout | null = null

  constructor(accessTokens: AccessTokenVerifier) {
    this.#accessTokens = accessTokens
  }

  add(socket: Socket, token: string): void {
    this.#tokens.set(socket, token)
    socket.once('close', () => this.#tokens.delete(socket))
  }

  start(): void {
    this.#timer = setInterval(() => void this.check(), intervalMs).unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  async check(): Promise<void> {
    for (const [socket, token] of this.#tokens) {
      try {
        await this.#accessTokens.verify(token)
      } catch (error) {
        if (isGatewayError(error)) socket.destroy()
      }
    }
  }
}
