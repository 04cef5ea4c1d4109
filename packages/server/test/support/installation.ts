import { randomBytes } from 'node:crypto'
import { type Agent, request } from 'node:http'
import { memberLogin, type SignedCall } from '@lobbykey/contract'
import { systemClock } from '../../src/core/base/clock.ts'
import { countLostLogins } from './lost-logins.ts'
import { runJson } from './run-json.ts'
import { ServerProcess } from './server-process.ts'
import { loginBody, signed } from './signed-body.ts'
import type { StoreSource } from './stores.ts'

export const userId = 'player1'
export const seller = { email: 'ops@acme.example', password: 'walnut-harbour-lantern' } as const

type RunJson = typeof runJson

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly json: unknown
}

/** What `serve` needs: a migrated store with a seller and merchants. Its servers are real processes, in real time. */
export class Installation {
  readonly env: Readonly<Record<string, string>>
  readonly #keys = new Map<string, string>()
  readonly #masterKey: Buffer
  readonly #drop: () => Promise<void>
  readonly #run: RunJson

  private constructor(env: Readonly<Record<string, string>>, masterKey: Buffer, drop: () => Promise<void>, run: RunJson) {
    this.env = env
    this.#masterKey = masterKey
    this.#drop = drop
    this.#run = run
  }

  /** With merchant `acme`. @param run the command line, of another release for example */
  static async create(
    storeKind: StoreSource,
    settings: Readonly<Record<string, string>> = {},
    run: RunJson = runJson,
  ): Promise<Installation> {
    const { url, drop } = await storeKind.create()
    const masterKey = randomBytes(32)
    const env = {
      DATABASE_URL: url,
      MASTER_KEY: masterKey.toString('base64'),
      PUBLIC_URL: 'http://127.0.0.1:8080',
      ARGON2_MEMORY_KIB: '7168',
      ARGON2_PASSES: '5',
      ADMIN_PORT: '0',
      SHUTDOWN_GRACE_SECONDS: '0',
      RATE_PER_MERCHANT: '0',
      RATE_PER_ADDRESS: '0',
      ...settings,
    }
    const installation = new Installation(env, masterKey, drop, run)
    await installation.addMerchant('acme')
    await run(env, ['seller', 'add', seller.email], seller.password)
    return installation
  }

  /** Adds a merchant with one member. */
  async addMerchant(agentId: string, ...options: string[]): Promise<void> {
    const words = ['merchant', 'add', agentId, '--currency', 'USD', '--allow', '127.0.0.1', ...options]
    this.#keys.set(agentId, (await this.command<{ key: string }>(...words)).key)
    await this.command('member', 'add', agentId, userId)
  }

  command<T>(...words: string[]): Promise<T> {
    return this.#run<T>(this.env, words)
  }

  serve(args: readonly string[] = [], settings: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    return ServerProcess.start(['serve', ...args], { ...this.env, ...settings })
  }

  /** A login's body of this age, with a new token. */
  loginBody(agentId = 'acme', ageMs = 0, user = userId): Record<string, unknown> {
    const token = randomBytes(12).toString('base64url')
    return this.signed(memberLogin, loginBody(systemClock.now() - ageMs, { agent_id: agentId, user_id: user, currency: 'USD', token }))
  }

  /** A call's body, signed with the key of its merchant. */
  signed(call: SignedCall, body: Record<string, unknown>): Record<string, unknown> {
    return signed(body, { call, key: this.#keys.get(String(body.agent_id)) ?? '' })
  }

  /** How many acknowledged logins of `acme` have no session. */
  countLost(tokens: readonly string[]): Promise<number> {
    return countLostLogins({ url: this.env.DATABASE_URL ?? '', masterKey: this.#masterKey, agentId: 'acme', userId, tokens })
  }

  async drop(): Promise<void> {
    await this.#drop()
  }
}

/** Credentials of a game server, as `lobbykey service add` gives them. */
export interface GameService {
  readonly serviceId: string
  readonly secret: string
}

/** A game server's question whether a token of `acme` is that of a live session. */
export function checkSession(origin: string, { serviceId, secret }: GameService, token: string): Promise<HttpAnswer> {
  return send('POST', `${origin}/session/check`, {
    headers: { authorization: `Basic ${Buffer.from(`${serviceId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ agent_id: 'acme', token }),
  })
}

export function isActive({ status, json }: HttpAnswer): boolean {
  return status === 200 && (json as { active: boolean }).active
}

export interface SendOptions {
  /** Sent as a form, if it is one, and as JSON otherwise. */
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  /** Without one, each request has its own connection, so that the next one may reach another worker. */
  readonly agent?: Agent
}

/** One request over a real connection, never repeated. */
export function send(method: 'GET' | 'POST', url: string, options: SendOptions = {}): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>()
  const isForm = options.body instanceof URLSearchParams
  const payload = options.body === undefined ? undefined : isForm ? String(options.body) : JSON.stringify(options.body)
  const contentType = isForm ? 'application/x-www-form-urlencoded' : 'application/json'
  const headers = { ...(payload === undefined ? {} : { 'content-type': contentType }), ...options.headers }
  const call = request(url, { method, headers, agent: options.agent ?? false }, (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, json: parse(text) }))
    response.on('error', reject)
    response.on('close', () => reject(new Error('the answer was cut')))
  })
  call.on('error', reject).end(payload)
  return promise
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
