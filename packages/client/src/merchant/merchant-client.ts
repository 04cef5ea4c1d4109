import type { LockFields, LoginFields, LogoutFields, UpdateFields } from '../generated/contract.ts'
import { type CreateFields, facts, type GameListFields, type GuestLoginFields, type LimitListFields } from '../generated/contract.ts'
import { demandTexts, givenBaseUrl } from '../shared/given.ts'
import { type Answer, dataOf, errorOf, exchange, LobbykeyError, requestIdOf } from '../shared/lobbykey-error.ts'
import { endOf, type Patience, repeat } from '../shared/repeat.ts'
import { type Algorithm, type CallbackRule, type CallName, canonicalOf, type Fields, type Signer, signerOf, textOf } from './signature.ts'
import { whyRefused } from './why-refused.ts'

export interface MerchantClientOptions extends Patience {
  /** The gateway's URL: `https://login.example.com`. A path is kept: a proxy may serve the gateway below one. */
  readonly baseUrl: string
  readonly agentId: string
  /** The merchant's key. It stays in this client. */
  readonly key: string
  /** Set by the operator for each merchant; default `md5`. */
  readonly algorithm?: Algorithm
  /** Whether login's `callback` is signed, set by the operator for each merchant; default `unsigned`. */
  readonly callback?: CallbackRule
  /** Gets each request as text, without key, token or whole signature. */
  readonly debug?: (text: string) => void
  /** Called once when this machine's clock is wrong; default `console.warn`. */
  readonly warn?: (text: string) => void
  /** Default: the runtime's. Many calls pass it the same `Headers`: to add one, copy them. */
  readonly fetch?: typeof fetch
}

/** Every answer says under which X-Request-Id the gateway knows it. */
export type Answered<T = object> = T & { readonly requestId: string | null }

export interface Launch {
  /** Send the member's app there. */
  readonly url: string
  readonly token: string
}

export interface Game {
  readonly game_id: string
  readonly game_name: Readonly<Record<string, string>>
  readonly rooms: readonly {
    readonly game_id: string
    readonly inst_id: string
    readonly inst_name: Readonly<Record<string, string>>
    readonly status: 0 | 1
  }[]
}

export interface BetLimit {
  readonly red_id: string
  readonly game_id: string
  readonly currency: string
  readonly min_limit: string
  readonly max_limit: string
  readonly seq: number
  readonly status: 0 | 1
}

/**
 * The member API. Fields have the names of the API's own documents; `agent_id`, `timestamp` and `sign` are added. A lost answer, a 5xx or
 * 408004 is repeated as the same signed request, which the gateway answers in the same way.
 */
export class MerchantClient {
  readonly #options: MerchantClientOptions & { readonly algorithm: Algorithm; readonly callback: CallbackRule }
  readonly #fetch: typeof fetch
  readonly #sign: Signer
  debug: ((text: string) => void) | undefined
  #clockOffsetMs = 0
  #isClockTold = false
  #isProven = false
  #isCallbackProven = false
  #lastTimestamp = 0
  #lastCanonical: string | null = null
  readonly #canonicalOfError = new WeakMap<LobbykeyError, string>()

  /** @throws TypeError for options that no gateway has */
  constructor(options: MerchantClientOptions) {
    const { agentId, key, algorithm = 'md5', callback = 'unsigned' } = options
    const baseUrl = givenBaseUrl(options.baseUrl)
    demandTexts({ agentId, key })
    if (!Object.hasOwn(facts.algorithms, algorithm))
      throw new TypeError(`algorithm must be one of ${Object.keys(facts.algorithms).join(', ')}`)
    if (callback !== 'unsigned' && callback !== 'signed') throw new TypeError("callback must be 'unsigned' or 'signed'")
    this.#options = { ...options, baseUrl, algorithm, callback }
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init))
    this.#sign = signerOf(algorithm, key)
    this.debug = options.debug
  }

  /** Logs a member in. Makes a session token unless one is given. */
  login(fields: LoginFields): Promise<Answered<Launch>> {
    return this.#run('login', fields)
  }

  guestLogin(fields: GuestLoginFields): Promise<Answered<Launch>> {
    return this.#run('guest_login', fields)
  }

  create(fields: CreateFields): Promise<Answered> {
    return this.#run('create', fields)
  }

  update(fields: UpdateFields): Promise<Answered> {
    return this.#run('update', fields)
  }

  lock(fields: LockFields): Promise<Answered> {
    return this.#run('lock', fields)
  }

  logout(fields: LogoutFields): Promise<Answered> {
    return this.#run('logout', fields)
  }

  games(fields: GameListFields = {}): Promise<Answered<{ readonly list: readonly Game[] }>> {
    return this.#run('game_list', fields)
  }

  limits(fields: LimitListFields): Promise<Answered<{ readonly list: readonly BetLimit[] }>> {
    return this.#run('limit_list', fields)
  }

  /** The exact text that was hashed for a refused call, or for the last one, with KEY for the key. It holds the session token: no log may. */
  explainText(error?: LobbykeyError): string | null {
    const canonical = error === undefined ? this.#lastCanonical : this.#canonicalOfError.get(error)
    return canonical == null ? null : textOf(canonical, 'KEY', this.#options.algorithm)
  }

  #run<T>(call: CallName, given: object): Promise<T> {
    let fields: Record<string, unknown>
    try {
      fields = this.#fieldsOf(call, given)
    } catch (error) {
      return Promise.reject(error)
    }
    if (call === 'login') fields.token ??= newToken()
    const end = endOf(this.#options)
    return this.#send(call, fields, end, (error) => {
      // Refused for its time alone, so nothing has taken effect: a new signature with the gateway's time is safe.
      if (error instanceof LobbykeyError && this.#setClock(error)) return this.#send(call, fields, end)
      throw error
    }) as Promise<T>
  }

  /** Without what is empty, every value as the text that is signed. */
  #fieldsOf(call: CallName, given: object): Record<string, unknown> {
    const { fields: names, clearable } = facts.calls[call] as { fields: readonly string[]; clearable: readonly string[] }
    const fields: Record<string, unknown> = { agent_id: this.#options.agentId }
    for (const name of Object.keys(given)) {
      const value = (given as Fields)[name]
      if (!names.includes(name)) throw invalidField(`${name} is no field of ${call}; it takes ${names.join(', ')}`)
      if (value === undefined || value === null || (value === '' && !clearable.includes(name))) continue
      fields[name] = typeof value === 'object' ? value : String(value)
    }
    return fields
  }

  /** Two calls alike in one millisecond would be one signed request, and the second without effect; a session token tells logins apart. */
  #timestampFor(fields: Fields): number {
    const now = Date.now() + this.#clockOffsetMs
    if (fields.token !== undefined) return now
    this.#lastTimestamp = Math.max(now, this.#lastTimestamp + 1)
    return this.#lastTimestamp
  }

  /** Signs the fields, anew if they are signed already, and sends them. */
  #send(call: CallName, fields: Record<string, unknown>, end: number, giveUp?: (error: unknown) => Promise<object>): Promise<object> {
    const { method, path, answers } = facts.calls[call]
    fields.timestamp = this.#timestampFor(fields)
    const canonical = canonicalOf(call, fields, this.#options.callback)
    fields.sign = this.#sign(canonical)
    this.#lastCanonical = canonical
    this.debug?.(this.#describe(call, fields))
    const isQuery = method === 'GET'
    const url = this.#options.baseUrl + (isQuery ? `${path}?${queryOf(fields)}` : path)
    const headers = isQuery ? {} : jsonHeaders
    const body = isQuery ? null : JSON.stringify(fields)
    const take = (answer: Answer) => {
      if (answer.body?.code === 200) {
        this.#isProven = true
        this.#isCallbackProven ||= call === 'login' && fields.callback !== undefined
        const data = dataOf(answer, answers)
        data.requestId = requestIdOf(answer)
        return data
      }
      const error = this.#errorOf(call, fields, answer)
      this.#canonicalOfError.set(error, canonical)
      throw error
    }
    const attempt = (signal: AbortSignal) => exchange(this.#fetch, url, { method, headers, body, redirect: 'manual', signal }, take)
    return repeat(this.#options, end, attempt, giveUp)
  }

  #errorOf(call: CallName, fields: Fields, answer: Answer): LobbykeyError {
    if (answer.body?.code !== 600100) return errorOf('member', answer)
    const { key, algorithm, callback, baseUrl } = this.#options
    const { hostname } = new URL(baseUrl)
    const isLoopback = hostname === 'localhost' || hostname.startsWith('127.') || hostname === '[::1]'
    const hasCallback = fields.callback !== undefined
    const proven = { isProven: this.#isProven, isCallbackProven: this.#isCallbackProven }
    const whatToDo = whyRefused({ call, key, algorithm, callback, hasCallback, ...proven, isLoopback })
    return errorOf('member', answer, { whatToDo })
  }

  /** Whether the answer told the gateway's time, and that is news. */
  #setClock(error: LobbykeyError): boolean {
    const told = error.code === 408000 ? new RegExp(facts.serverClock).exec(error.message)?.[1] : undefined
    if (told === undefined) return false
    this.#clockOffsetMs = Number(told) - Date.now()
    this.#lastTimestamp = 0
    if (this.#isClockTold) return true
    this.#isClockTold = true
    const seconds = Math.round(Math.abs(this.#clockOffsetMs) / 1_000)
    const way = this.#clockOffsetMs > 0 ? 'behind' : 'ahead of'
    const warn = this.#options.warn ?? ((text) => console.warn(text))
    warn(`This machine's clock is ${seconds} s ${way} the gateway's. The client corrects for it; set the clock all the same.`)
    return true
  }

  #describe(call: CallName, fields: Fields): string {
    const { algorithm, callback, baseUrl } = this.#options
    const { method, path } = facts.calls[call]
    const shown = { ...fields, ...(fields.token === undefined ? {} : { token: 'TOKEN' }) }
    const sign = `${String(fields.sign).slice(0, 4)}…`
    const hashed = textOf(canonicalOf(call, shown, callback), 'KEY', algorithm)
    return `${method} ${baseUrl}${path}\n${JSON.stringify({ ...shown, sign })}\n${algorithm} of ${hashed}`
  }
}

/** Made once, since runtimes check what they are given in another form at each call; `fetch` copies them. */
const jsonHeaders = new Headers({ 'content-type': 'application/json' })

const alphabet = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
const tokenLength = 28
/** Drawn for many tokens at once: by itself, each would cost as much as the signature. */
const random = new Uint8Array(tokenLength * 64)
let drawn = random.length

/** 28 characters of 168 random bits, made at once: JSON takes longer over a text that is part of another. */
function newToken(): string {
  if (drawn === random.length) {
    crypto.getRandomValues(random)
    drawn = 0
  }
  const codes: number[] = []
  for (let i = 0; i < tokenLength; i++) codes.push(alphabet[(random[drawn++] as number) % alphabet.length] as number)
  return String.fromCharCode.apply(null, codes)
}

/** A blank is `%20`, never `+`. */
function queryOf(fields: Fields): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&')
}

function invalidField(message: string): LobbykeyError {
  return new LobbykeyError(message, {
    code: null,
    key: 'invalid_parameter',
    status: 0,
    whatToDo: 'Correct the call; nothing was sent.',
    mayRepeat: false,
    requestId: null,
    retryAfterMs: null,
  })
}
