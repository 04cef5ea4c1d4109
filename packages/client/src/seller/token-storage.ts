import { isAccessToken } from '../shared/lobbykey-error.ts'

/** A seller's tokens as a storage keeps them. */
export interface StoredTokens {
  readonly accessToken: string
  readonly refreshToken: string
  /** When they were got and when the access token expires, milliseconds of this machine's clock. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/**
 * Where tokens are kept, for one process or for several that share one login: a file, Redis, a database row. What is stored opens the
 * seller's account: keep it as you keep a password.
 */
export interface TokenStorage {
  read(): Promise<StoredTokens | null>
  write(tokens: StoredTokens | null): Promise<void>
  /**
   * Runs the work while nobody else of the same storage does; after `waitMs` in vain it throws. Without it processes that start together log in
   * once each.
   */
  exclusively?<T>(work: () => Promise<T>, waitMs: number): Promise<T>
}

/** Of this client alone. */
export class MemoryStorage implements TokenStorage {
  #tokens: StoredTokens | null = null

  async read(): Promise<StoredTokens | null> {
    return this.#tokens
  }

  async write(tokens: StoredTokens | null): Promise<void> {
    this.#tokens = tokens
  }
}

/** Null for what is no pair of tokens, such as a file half written: whoever reads it logs in anew. */
export function parseTokens(text: string): StoredTokens | null {
  const { accessToken, refreshToken, issuedAt, expiresAt } = parseObject(text)
  const areTokens = isAccessToken(accessToken) && typeof refreshToken === 'string'
  if (!areTokens || typeof issuedAt !== 'number' || typeof expiresAt !== 'number') return null
  return { accessToken, refreshToken, issuedAt, expiresAt }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>
  } catch {
    return {}
  }
}
