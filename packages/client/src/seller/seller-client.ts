import { facts } from '../generated/contract.ts'
import { type Answer, errorOf, LobbykeyError, notReached, readAnswer } from '../shared/lobbykey-error.ts'
import { type Patience, reach, repeat } from '../shared/repeat.ts'
import { MemoryStorage, type StoredTokens, type TokenStorage } from './token-storage.ts'

export interface SellerClientOptions extends Patience {
  /** The gateway's origin: `https://login.example.com`. */
  readonly baseUrl: string
  readonly email?: string
  readonly password?: string
  /** Of a login made elsewhere, in place of a password. */
  readonly refreshToken?: string
  /** Default: this client's memory. Processes that share a storage share one login. */
  readonly storage?: TokenStorage
  /** Is told once what the gateway advises; default `console.warn`. */
  readonly warn?: (text: string) => void
  readonly fetch?: typeof fetch
}

export interface SellerIdentity {
  readonly sellerId: string
  readonly email: string
  readonly expiresAt: string
}

/** Share of an access token's life after which it is renewed: between these two, by chance, so that processes do not do it at once. */
const [renewFrom, renewTo] = [0.75, 0.9]
/** Answers by which a proxy or the gateway says that nothing was done. */
const againStatuses = [429, 502, 503, 504]
const safeMethods = ['GET', 'HEAD', 'OPTIONS']

/** Sends requests with a good access token: logs in once for all who ask, renews ahead of expiry, and begins anew when the login has ended. */
export class SellerClient {
  readonly #options: SellerClientOptions
  readonly #fetch: typeof fetch
  readonly #storage: TokenStorage
  #tokens: StoredTokens | null = null
  #renewAt = 0
  #renewal: Promise<StoredTokens> | null = null
  #firstRefreshToken: string | null
  /** What keeps the client from logging in again, and until when. */
  #stop: { readonly error: LobbykeyError; readonly until: number } | null = null
  #isAdvised = false

  constructor(options: SellerClientOptions) {
    this.#options = { ...options, baseUrl: options.baseUrl.replace(/\/+$/, '') }
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init))
    this.#storage = options.storage ?? new MemoryStorage()
    this.#firstRefreshToken = options.refreshToken ?? null
  }

  /**
   * `fetch` with the access token. A path is below `baseUrl`; no other origin gets the token. What only reads is sent again while the gateway
   * is away, within the deadline.
   */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const url = this.#urlOf(path)
    const tokens = this.#currentTokens() ?? (await this.#renew(null))
    const response = await this.#sendPatiently(url, init, tokens)
    if (response.status !== 401 || init.body instanceof ReadableStream) return response
    const { body } = await readAnswer(response.clone())
    const isTokenRefused = ['10008', '10009', '10010'].includes(String(body?.code))
    if (!isTokenRefused) return response
    await response.body?.cancel()
    return this.#sendPatiently(url, init, await this.#renew(tokens, body?.code === '10009'))
  }

  async me(): Promise<SellerIdentity> {
    return this.#dataOf(await this.fetch(`${facts.sellerPath}/me`)) as Promise<SellerIdentity>
  }

  /** A good access token, for what sends by itself. */
  async accessToken(): Promise<string> {
    return (this.#currentTokens() ?? (await this.#renew(null))).accessToken
  }

  /** Ends the login, for every process that shares it. */
  async logout(): Promise<void> {
    const tokens = this.#tokens ?? (await this.#storage.read())
    if (tokens === null) return
    const init = { method: 'POST', headers: { authorization: `Bearer ${tokens.accessToken}` } }
    await this.#call(`${facts.sellerPath}/logout`, init).catch((error: LobbykeyError) => {
      if (error.status !== 401) throw error
    })
    await this.#keep(null)
  }

  /** Null where they are to be renewed first. */
  #currentTokens(): StoredTokens | null {
    return this.#tokens !== null && Date.now() < this.#renewAt ? this.#tokens : null
  }

  /** Better tokens than the ones refused, or than those whose time has come. One renewal serves all who wait. */
  #renew(refused: StoredTokens | null, isRefreshable = true): Promise<StoredTokens> {
    if (refused !== null && this.#tokens !== null && this.#tokens !== refused) return Promise.resolve(this.#tokens)
    this.#renewal ??= this.#renewOnce(refused, isRefreshable).finally(() => {
      this.#renewal = null
    })
    return this.#renewal
  }

  async #renewOnce(refused: StoredTokens | null, isRefreshable: boolean): Promise<StoredTokens> {
    const known = this.#tokens
    try {
      const exclusively = this.#storage.exclusively?.bind(this.#storage) ?? (<T>(work: () => Promise<T>) => work())
      return await exclusively(async () => {
        const stored = await this.#storage.read()
        // Another process was faster.
        if (stored !== null && stored.accessToken !== (refused ?? known)?.accessToken && Date.now() < renewalTime(stored, renewTo)) {
          return this.#use(stored)
        }
        const refreshToken = stored?.refreshToken ?? this.#firstRefreshToken
        if (refreshToken !== null && isRefreshable) {
          const renewed = await this.#refresh(refreshToken)
          if (renewed !== null) return this.#keep(renewed)
        }
        return this.#keep(await this.#login())
      })
    } catch (error) {
      // Renewal came early: the token is still good, and the next call tries again.
      if (refused === null && known !== null && Date.now() < known.expiresAt && error instanceof LobbykeyError && error.mayRepeat)
        return known
      throw error
    }
  }

  /** Null where the login behind the token is over. */
  async #refresh(refreshToken: string): Promise<StoredTokens | null> {
    try {
      return await this.#tokenCall('refresh', { refreshToken })
    } catch (error) {
      if (error instanceof LobbykeyError && ['10010', '10011'].includes(String(error.code))) {
        this.#firstRefreshToken = null
        if (typeof this.#options.password === 'string') return null
      }
      throw error
    }
  }

  async #login(): Promise<StoredTokens> {
    const { email, password } = this.#options
    if (typeof email !== 'string' || typeof password !== 'string') throw noPassword()
    if (this.#stop !== null && Date.now() < this.#stop.until) throw this.#stop.error
    try {
      return await this.#tokenCall('login', { email, password })
    } catch (error) {
      if (error instanceof LobbykeyError && (error.code === '10006' || error.code === '10007')) {
        this.#stop = { error, until: error.code === '10006' ? Number.POSITIVE_INFINITY : Date.now() + (error.retryAfterMs ?? 0) }
      }
      throw error
    }
  }

  async #tokenCall(name: 'login' | 'refresh', fields: object): Promise<StoredTokens> {
    const issuedAt = Date.now()
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) }
    const { accessToken, refreshToken, expiresIn } = (await this.#call(`${facts.sellerPath}/${name}`, init)) as {
      accessToken: string
      refreshToken: string
      expiresIn: number
    }
    return { accessToken, refreshToken, issuedAt, expiresAt: issuedAt + expiresIn * 1_000 }
  }

  #call(path: string, init: RequestInit): Promise<unknown> {
    return repeat(this.#options, async (signal) => {
      const answer = await reach(async () =>
        readAnswer(await this.#fetch(this.#options.baseUrl + path, { ...init, redirect: 'manual', signal })),
      )
      if (answer.body?.code !== '0000') throw sellerError(answer)
      if (answer.advice !== null) this.#tellAdvice(answer.advice)
      return answer.body.data
    })
  }

  async #dataOf(response: Response): Promise<unknown> {
    const answer = await readAnswer(response)
    if (answer.body?.code !== '0000') throw sellerError(answer)
    return answer.body.data
  }

  async #sendPatiently(url: string, init: RequestInit, { accessToken }: StoredTokens): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${accessToken}`)
    const request = { ...init, headers }
    if (!safeMethods.includes((init.method ?? 'GET').toUpperCase())) return this.#fetch(url, request)
    let last: Response | null = null
    try {
      return await repeat(this.#options, async (attempt) => {
        const signal = init.signal ? AbortSignal.any([attempt, init.signal]) : attempt
        const response = await this.#fetch(url, { ...request, signal }).catch((error: unknown) => {
          throw init.signal?.aborted ? error : notReached(error)
        })
        if (!againStatuses.includes(response.status)) return response
        last = response
        throw sellerError(await readAnswer(response.clone()))
      })
    } catch (error) {
      if (last !== null && error instanceof LobbykeyError && error.status !== 0) return last
      throw error
    }
  }

  #urlOf(path: string): string {
    const url = new URL(path, `${this.#options.baseUrl}/`)
    const { origin } = new URL(this.#options.baseUrl)
    if (url.origin !== origin) throw new TypeError(`the access token goes to ${origin} only`)
    return url.href
  }

  async #keep<T extends StoredTokens | null>(tokens: T): Promise<T> {
    await this.#storage.write(tokens)
    if (tokens === null) this.#tokens = null
    else this.#use(tokens)
    return tokens
  }

  #use(tokens: StoredTokens): StoredTokens {
    this.#tokens = tokens
    this.#renewAt = renewalTime(tokens, renewFrom + Math.random() * (renewTo - renewFrom))
    return tokens
  }

  #tellAdvice(advice: string): void {
    if (this.#isAdvised) return
    this.#isAdvised = true
    const warn = this.#options.warn ?? ((text) => console.warn(text))
    warn(`The gateway advises: ${advice}. Let the processes of this account share one storage.`)
  }
}

function renewalTime({ issuedAt, expiresAt }: StoredTokens, share: number): number {
  return issuedAt + (expiresAt - issuedAt) * share
}

/** 10007 is for whoever asks to wait out, not for another attempt. */
function sellerError(answer: Answer): LobbykeyError {
  return errorOf('seller', answer, answer.body?.code === '10007' ? { mayRepeat: false } : {})
}

function noPassword(): LobbykeyError {
  return new LobbykeyError('The login is over, and there is no e-mail and password to log in with', {
    code: null,
    key: 'refresh_token_invalid',
    status: 0,
    whatToDo: 'Log in anew, and give the client its refresh token.',
    mayRepeat: false,
    requestId: null,
    retryAfterMs: null,
  })
}
