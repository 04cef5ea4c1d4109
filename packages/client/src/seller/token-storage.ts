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
  /** Runs the work while nobody else of the same storage does. Without it processes that start together log in once each. */
  exclusively?<T>(work: () => Promise<T>): Promise<T>
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

/** @throws TypeError for what no storage of ours wrote */
export function parseTokens(text: string): StoredTokens {
  const { accessToken, refreshToken, issuedAt, expiresAt } = JSON.parse(text) as Partial<StoredTokens>
  if (
    typeof accessToken !== 'string' ||
    typeof refreshToken !== 'string' ||
    typeof issuedAt !== 'number' ||
    typeof expiresAt !== 'number'
  ) {
    throw new TypeError('the stored tokens are not of a seller client')
  }
  return { accessToken, refreshToken, issuedAt, expiresAt }
}
