import { escapeHidden } from '@lobbykey/contract/escape-hidden'
import { facts } from '../generated/contract.ts'
import { givenBaseUrl, isGiven } from '../shared/given.ts'
import { type Answer, dataOf, errorOf, exchange, LobbykeyError, notReached, readAnswer, tokensBusy } from '../shared/lobbykey-error.ts'
import { attemptUntil, endOf, type Patience, repeat } from '../shared/repeat.ts'
import { MemoryStorage, type StoredTokens, type TokenStorage } from './token-storage.ts'

export interface SellerClientOptions extends Patience {
  /** The gateway's URL: `https://login.example.com`. A path is kept: a proxy may serve the gateway below one. */
  readonly baseUrl: string
  readonly email?: string
  readonly password?: string
  /** Of a login made elsewhere, in place of a password. */
  readonly refreshToken?: string
  /** Default: this client's memory. Processes that share a storage share one login. */
  readonly storage?: TokenStorage
  /** Called once with the gateway's advice about tokens; default `console.warn`. */
  readonly warn?: (text: string) => void
  /** Default: the runtime's. Many calls pass it the same `Headers`: to add one, copy them. */
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
/** Codes of a token that is not, or no longer, good. */
const refusals = ['10008', '10009', '10010']
const tokenTypes = { accessToken: 'access token', refreshToken: 'string', expiresIn: 'integer' }
const identityTypes = { sellerId: 'string', email: 'string', expiresAt: 'string' }

interface SellerRequest {
  readonly url: string
  readonly init: RequestInit
  readonly end: number
}

/** What the caller takes of the answer. */
type Taker<T> = (response: Response) => T | Promise<T>

/** Why a request goes out again with another token; no caller sees it. */
class TokenRefused extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

interface Renewal {
  /** The tokens that were refused; null where their time has come. */
  readonly refused: StoredTokens | null
  readonly isRefreshable: boolean
  readonly end: number
}

/** Sends requests with a good access token: logs in once for all who ask, renews tokens before they expire, and logs in again when the login has ended. */
export class SellerClient {
  readonly #options: SellerClientOptions
  readonly #fetch: typeof fetch
  readonly #storage: TokenStorage
  readonly #hasPassword: boolean
  #tokens: StoredTokens | null = null
  #bearer: { readonly tokens: StoredTokens; readonly headers: Headers } | null = null
  /** By the clock that can be set, and by the one that cannot. */
  #renewAt = { now: 0, monotonic: 0 }
  #renewal: Promise<StoredTokens> | null = null
  #firstRefreshToken: string | null
  /** What keeps the client from logging in again, and until when, monotonic. */
  #stop: { readonly error: LobbykeyError; readonly until: number } | null = null
  #isAdvised = false

  /** @throws TypeError for options that no login comes from */
  constructor(options: SellerClientOptions) {
    this.#options = { ...options, baseUrl: givenBaseUrl(options.baseUrl) }
    this.#hasPassword = isGiven(options.email) && isGiven(options.password)
    if (!this.#hasPassword && !isGiven(options.refreshToken)) throw new TypeError('email and password, or refreshToken, must be given')
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init))
    this.#storage = options.storage ?? new MemoryStorage()
    this.#firstRefreshToken = isGiven(options.refreshToken) ? options.refreshToken : null
  }

  /**
   * `fetch` with the access token, for a path below `baseUrl`. What only reads is sent again while the gateway is away, within the deadline.
   * A redirect is answered as it came: it could lead the token elsewhere. The time of the answer's body is the caller's to bound.
   */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    if (init.signal?.aborted) return Promise.reject(init.signal.reason)
    const answer = this.#authorized(path, init, (response) => response)
    return init.signal ? untilAborted(answer, init.signal) : answer
  }

  async me(): Promise<SellerIdentity> {
    const answer = await this.#authorized(`${facts.sellerPath}/me`, {}, readAnswer)
    if (answer.body?.code !== '0000') throw sellerError(answer)
    return dataOf(answer, identityTypes) as unknown as SellerIdentity
  }

  /** A valid access token, for requests that you send yourself. */
  async accessToken(): Promise<string> {
    const tokens = this.#goodTokens() ?? (await this.#renew({ refused: null, isRefreshable: true, end: endOf(this.#options) }))
    return tokens.accessToken
  }

  /** Ends the login, for every process that shares it. */
  async logout(): Promise<void> {
    const tokens = this.#tokens ?? (await this.#storage.read())
    if (tokens === null) return
    const init = { method: 'POST', headers: { authorization: `Bearer ${tokens.accessToken}` } }
    await this.#call(`${facts.sellerPath}/logout`, init, endOf(this.#options)).catch((error: LobbykeyError) => {
      if (error.status !== 401) throw error
    })
    await this.#storage.write(null)
    this.#tokens = null
  }

  async #authorized<T>(path: string, init: RequestInit, take: Taker<T>): Promise<T> {
    if (!/^\/(?!\/)/.test(path)) throw new TypeError('a path begins with one slash: the access token goes to baseUrl only')
    const end = endOf(this.#options)
    const request = { url: this.#options.baseUrl + path, init, end }
    const tokens = this.#goodTokens() ?? (await this.#renew({ refused: null, isRefreshable: true, end }))
    try {
      return await this.#send(request, tokens, take, !(init.body instanceof ReadableStream))
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error
      const renewed = await this.#renew({ refused: tokens, isRefreshable: error.code === '10009', end })
      return this.#send(request, renewed, take, false)
    }
  }

  /** Null where there are none, or their time has come. */
  #goodTokens(): StoredTokens | null {
    const { now, monotonic } = this.#renewAt
    // A clock that was set back makes no old token new.
    return Date.now() < now && performance.now() < monotonic ? this.#tokens : null
  }

  /** Better tokens than the ones refused, or than those whose time has come. One renewal serves all who wait. */
  async #renew(renewal: Renewal): Promise<StoredTokens> {
    const { refused, end } = renewal
    if (refused !== null && this.#tokens !== null && this.#tokens !== refused) return this.#tokens
    if (this.#renewal === null) {
      this.#renewal = this.#renewOnce(renewal).finally(() => {
        this.#renewal = null
      })
      return this.#renewal
    }
    try {
      return await inTime(this.#renewal, end)
    } catch (error) {
      // The time of whoever began it was over, this caller's is not.
      if (error instanceof LobbykeyError && error.mayRepeat && performance.now() < end) return this.#renew(renewal)
      throw error
    }
  }

  async #renewOnce({ refused, isRefreshable, end }: Renewal): Promise<StoredTokens> {
    const known = this.#tokens
    try {
      const exclusively = this.#storage.exclusively?.bind(this.#storage) ?? (<T>(work: () => Promise<T>) => work())
      const work = () => this.#newTokens(refused ?? known, isRefreshable, end)
      return await exclusively(work, Math.max(0, end - performance.now()))
    } catch (error) {
      // Renewal came early: the token is still good, and the next call tries again.
      const isStillGood = refused === null && known !== null && Date.now() < known.expiresAt
      if (isStillGood && error instanceof LobbykeyError && error.mayRepeat) return known
      throw error
    }
  }

  async #newTokens(old: StoredTokens | null, isRefreshable: boolean, end: number): Promise<StoredTokens> {
    const stored = await this.#storage.read()
    // Another process was faster.
    if (stored !== null && stored.accessToken !== old?.accessToken && isFresh(stored)) return this.#use(stored)
    const refreshToken = stored?.refreshToken ?? this.#firstRefreshToken
    const refreshed = refreshToken !== null && isRefreshable ? await this.#refresh(refreshToken, end) : null
    // Used before they are written: a full disk costs a call, not a login a call.
    const tokens = this.#use(refreshed ?? (await this.#login(end)))
    await this.#storage.write(tokens)
    return tokens
  }

  /** Null where the login behind the token is over. */
  async #refresh(refreshToken: string, end: number): Promise<StoredTokens | null> {
    try {
      return await this.#tokenCall('refresh', { refreshToken }, end)
    } catch (error) {
      if (error instanceof LobbykeyError && ['10010', '10011'].includes(String(error.code))) {
        this.#firstRefreshToken = null
        if (this.#hasPassword) return null
      }
      throw error
    }
  }

  async #login(end: number): Promise<StoredTokens> {
    const { email, password } = this.#options
    if (!this.#hasPassword) throw noPassword()
    if (this.#stop !== null && performance.now() < this.#stop.until) throw this.#stop.error
    try {
      return await this.#tokenCall('login', { email, password }, end)
    } catch (error) {
      if (error instanceof LobbykeyError && (error.code === '10006' || error.code === '10007')) {
        this.#stop = { error, until: error.code === '10006' ? Number.POSITIVE_INFINITY : performance.now() + (error.retryAfterMs ?? 0) }
      }
      throw error
    }
  }

  async #tokenCall(name: 'login' | 'refresh', fields: object, end: number): Promise<StoredTokens> {
    const issuedAt = Date.now()
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) }
    const data = await this.#call(`${facts.sellerPath}/${name}`, init, end, tokenTypes)
    const { accessToken, refreshToken, expiresIn } = data as { accessToken: string; refreshToken: string; expiresIn: number }
    return { accessToken, refreshToken, issuedAt, expiresAt: issuedAt + expiresIn * 1_000 }
  }

  #call(path: string, init: RequestInit, end: number, types: Readonly<Record<string, string>> = {}): Promise<object> {
    const take = (answer: Answer) => {
      if (answer.body?.code !== '0000') throw sellerError(answer)
      this.#tellAdvice(answer.headers.get('x-token-advice'))
      return dataOf(answer, types)
    }
    const url = this.#options.baseUrl + path
    return repeat(this.#options, end, (signal) => exchange(this.#fetch, url, { ...init, redirect: 'manual', signal }, take))
  }

  /**
   * What only reads is sent again while the gateway is away; at the end its last answer is taken.
   * @throws TokenRefused where that is the answer, and it may be
   */
  #send<T>({ url, init, end }: SellerRequest, tokens: StoredTokens, take: Taker<T>, mayRefuse: boolean): Promise<T> {
    const headers = init.headers === undefined ? this.#bearerOf(tokens) : withToken(init.headers, tokens)
    const isSafe = safeMethods.includes((init.method ?? 'GET').toUpperCase())
    let last: Response | null = null
    const attempt = async (limit: AbortSignal): Promise<T> => {
      const signal = init.signal ? AbortSignal.any([limit, init.signal]) : limit
      try {
        const response = await this.#fetch(url, { ...init, headers, redirect: 'manual', signal })
        if (isSafe && againStatuses.includes(response.status)) {
          last = response
          throw sellerError(await readAnswer(response.clone()))
        }
        if (mayRefuse && response.status === 401) await demandOther(response)
        return await take(response)
      } catch (error) {
        throw error instanceof LobbykeyError || error instanceof TokenRefused || init.signal?.aborted ? error : notReached(error)
      }
    }
    if (!isSafe) return attemptUntil(end, attempt)
    return repeat(this.#options, end, attempt, (error) => {
      if (last !== null && error instanceof LobbykeyError && error.status !== 0) return take(last)
      throw error
    })
  }

  /** Made once a token, since runtimes look at each character of what they are given in another form; `fetch` copies them. */
  #bearerOf(tokens: StoredTokens): Headers {
    if (this.#bearer?.tokens !== tokens) this.#bearer = { tokens, headers: withToken(undefined, tokens) }
    return this.#bearer.headers
  }

  #use(tokens: StoredTokens): StoredTokens {
    this.#tokens = tokens
    const now = renewalTime(tokens, renewFrom + Math.random() * (renewTo - renewFrom))
    this.#renewAt = { now, monotonic: performance.now() + now - Date.now() }
    return tokens
  }

  #tellAdvice(advice: string | null): void {
    if (advice === null || this.#isAdvised) return
    this.#isAdvised = true
    const warn = this.#options.warn ?? ((text) => console.warn(text))
    warn(`The gateway advises: ${escapeHidden(advice)}. Let the processes of this account share one storage.`)
  }
}

function renewalTime({ issuedAt, expiresAt }: StoredTokens, share: number): number {
  return issuedAt + (expiresAt - issuedAt) * share
}

/** Whether there is no need to renew yet. Tokens of the future were got before the clock was set back: nobody knows when. */
function isFresh(tokens: StoredTokens): boolean {
  return tokens.issuedAt <= Date.now() && Date.now() < renewalTime(tokens, renewTo)
}

function withToken(given: RequestInit['headers'], { accessToken }: StoredTokens): Headers {
  const headers = new Headers(given)
  headers.set('authorization', `Bearer ${accessToken}`)
  return headers
}

/** @throws TokenRefused where the answer refuses the token */
async function demandOther(response: Response): Promise<void> {
  const { body } = await readAnswer(response.clone())
  const code = refusals.find((refusal) => refusal === body?.code)
  if (code === undefined) return
  await response.body?.cancel()
  throw new TokenRefused(code)
}

/** Without the caller when its signal comes: a login, which others may wait for, goes on, and a pause before a repeat ends by itself. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
  })
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** @throws LobbykeyError tokens_busy */
async function inTime<T>(work: Promise<T>, end: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tokensBusy()), Math.ceil(Math.max(1, end - performance.now())))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** 10007 is for whoever asks to wait out, not for another attempt. */
function sellerError(answer: Answer): LobbykeyError {
  return errorOf('seller', answer, answer.body?.code === '10007' ? { mayRepeat: false } : {})
}

function noPassword(): LobbykeyError {
  return new LobbykeyError('The login has ended, and there is no e-mail and password for a new one', {
    code: null,
    key: 'refresh_token_invalid',
    status: 0,
    whatToDo: 'Log in again, and give the client the new refresh token.',
    mayRepeat: false,
    requestId: null,
    retryAfterMs: null,
  })
}
