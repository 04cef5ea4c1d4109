/** A real provider of OpenID Connect (oidc-provider) on this machine, people who sign in at it, and what may go wrong with it. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ssoReturnPath } from '@lobbykey/contract/admin'
import { type JWTPayload, SignJWT } from 'jose'
import { Provider } from 'oidc-provider'
import type { Settings } from '../../src/config/settings.ts'

export interface Person {
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
  readonly groups?: readonly string[]
  readonly merchants?: readonly string[] | string
}

const clientId = 'lobbykey'
const clientSecret = 'a secret of the provider'

export class TestProvider {
  /** Who exists there, by subject. */
  readonly people = new Map<string, Person>()
  /** Paths of requests. */
  requests: string[] = []
  /** `gone`: connections are cut. `broken`: 503. `slow`: no answer. */
  state: 'up' | 'gone' | 'broken' | 'slow' = 'up'
  givesRefreshTokens = true
  /** Changes the claims of ID tokens, which are then signed again. */
  forge: ((claims: JWTPayload) => Promise<string> | string) | null = null
  /** Changes an answer before it is sent. */
  tamper: ((path: string, body: string) => string) | null = null
  readonly issuer: string
  readonly #server: Server
  readonly #provider: Provider
  readonly #key = generateKeyPairSync('rsa', { modulusLength: 2048 })

  private constructor(issuer: string, server: Server, adminUrl: string) {
    this.issuer = issuer
    this.#server = server
    this.#provider = new Provider(issuer, {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: [`${adminUrl}${ssoReturnPath}`],
          grant_types: ['authorization_code', 'refresh_token'],
        },
      ],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups', 'merchants'] },
      jwks: { keys: [{ ...this.#key.privateKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' } as never] },
      cookies: { keys: ['a key for cookies'] },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
      issueRefreshToken: async () => this.givesRefreshTokens,
      rotateRefreshToken: true,
      findAccount: async (_ctx, id) => {
        const person = this.people.get(id)
        return person === undefined ? undefined : { accountId: id, claims: async () => ({ sub: id, ...person }) }
      },
      loadExistingGrant: async (ctx) => {
        const { session, client } = ctx.oidc
        // One grant for a session: a refresh token ends with the grant that it came from.
        const known = await ctx.oidc.provider.Grant.find(session?.grantIdFor(client?.clientId ?? '') ?? '')
        if (known !== undefined) return known
        const grant = new ctx.oidc.provider.Grant({ accountId: session?.accountId ?? '', clientId: client?.clientId ?? '' })
        grant.addOIDCScope('openid email profile offline_access')
        await grant.save()
        return grant
      },
      ttl: {
        AccessToken: 3_600,
        AuthorizationCode: 60,
        IdToken: 3_600,
        RefreshToken: 86_400,
        Session: 86_400,
        Interaction: 3_600,
        Grant: 86_400,
      },
    })
    this.#provider.use(async (ctx, next) => {
      await next()
      if (ctx.path === '/token' && this.forge !== null && ctx.body?.id_token !== undefined) {
        const claims = JSON.parse(Buffer.from(ctx.body.id_token.split('.')[1], 'base64url').toString())
        ctx.body = { ...ctx.body, id_token: await this.forge(claims) }
      }
      if (this.tamper !== null && typeof ctx.body === 'object') ctx.body = JSON.parse(this.tamper(ctx.path, JSON.stringify(ctx.body)))
    })
    const serve = this.#provider.callback()
    server.on('request', (request, response) => {
      this.requests.push(new URL(request.url ?? '', issuer).pathname)
      if (this.state === 'gone') request.socket.destroy()
      else if (this.state === 'broken') response.writeHead(503, { 'content-type': 'text/html' }).end('<p>Later')
      else if (this.state === 'up')
        void (request.url?.startsWith('/interaction/') ? this.#interact(request, response) : serve(request, response))
    })
  }

  static async start(adminUrl: string): Promise<TestProvider> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    return new TestProvider(`http://127.0.0.1:${port}`, server, adminUrl)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Settings of a server that uses it. */
  settings(more: Partial<Settings> = {}): Partial<Settings> {
    return {
      ssoIssuer: this.issuer,
      ssoClientId: clientId,
      ssoClientSecret: clientSecret,
      ssoRoles: [
        { value: 'lobby-owners', role: 'owner' },
        { value: 'lobby-managers', role: 'manager' },
        { value: 'lobby-support', role: 'support' },
        { value: 'lobby-partners', role: 'partner' },
      ],
      ssoMerchantsClaim: 'merchants',
      ssoLabel: 'Example Login',
      ...more,
    }
  }

  /** An ID token by the provider's key, or by another. */
  sign(claims: JWTPayload, { alg = 'RS256', key = this.#key.privateKey as KeyObject, kid = 'k1' } = {}): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key)
  }

  get publicKey() {
    return this.#key.publicKey
  }

  /** The provider's own sign-in page: whoever types a subject is that person. */
  async #interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const subject = new URL(request.url ?? '', this.issuer).searchParams.get('as')
    if (subject !== null) {
      await this.#provider.interactionFinished(request, response, { login: { accountId: subject } })
      return
    }
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<title>Provider</title><form><label>Who are you? <input name="as"></label><button>Sign in</button></form>')
  }
}

/** A browser at the provider: keeps its cookies, and follows its redirects until one leads elsewhere. */
export class PersonAtProvider {
  readonly #cookies = new Map<string, string>()
  subject: string

  constructor(subject: string) {
    this.subject = subject
  }

  /** Signs out there. */
  forget(): void {
    this.#cookies.clear()
  }

  /** @returns the URL to which the provider sends the browser back */
  async visit(start: string): Promise<URL> {
    const { origin } = new URL(start)
    let url = new URL(start)
    for (let hops = 0; hops < 12 && url.origin === origin; hops++) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const answer = await fetch(url, { redirect: 'manual', headers: { cookie } })
      for (const set of answer.headers.getSetCookie()) {
        const [name = '', value = ''] = (set.split(';', 1)[0] ?? '').split(/=(.*)/s)
        this.#cookies.set(name, value)
      }
      const location = answer.headers.get('location')
      if (location !== null) url = new URL(location, url)
      else if (url.pathname.startsWith('/interaction/')) url = new URL(`${url.pathname}?as=${this.subject}`, url)
      else throw new Error(`the provider answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`)
    }
    return url
  }
}
