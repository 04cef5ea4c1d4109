import { GatewayError } from '@lobbykey/contract'
import { ssoReturnPath } from '@lobbykey/contract/admin'
import type { Configuration, TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client'
import type { Clock } from '../../base/clock.ts'
import type { AdminSite } from '../admin-site.ts'
import { ProviderFault, ProviderFetch } from './provider-fetch.ts'

/** How long metadata are used before they are read again, and how long a failure to read them counts, ms. */
const metadataMs = 3_600_000
const failureMs = 5_000
/** How many answers of browsers are exchanged at once; whoever makes more has not signed in anywhere. */
const exchangesMax = 16

export interface SsoProviderOptions {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Separated by spaces. */
  readonly scopes: string
  /** Claims that the UserInfo endpoint is asked for when the ID token lacks one. */
  readonly claims: readonly string[]
  /** Where the provider sends browsers back to: never what a request's headers say. */
  readonly site: Pick<AdminSite, 'url'>
  readonly clock: Clock
  /** Hears what an administrator must mend. The error contains no secret. */
  readonly onTrouble: (error: Error) => void
}

/** What one sign-in is bound to; only the browser that began it has it. */
export interface SsoBinding {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** What the provider says about somebody. */
export interface ProviderAnswer {
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
  /** Null if it gave none. */
  readonly refreshToken: string | null
}

/** `refused`: the token is worth nothing any more, for whatever reason. `silent`: it is, but the provider says nothing about the person. */
export type RefreshOutcome = ProviderAnswer | 'refused' | 'silent'

/** The provider wants the person to do something, so it cannot vouch without asking them. */
export class InteractionRequired extends Error {
  override readonly name = 'InteractionRequired'
}

const interactionErrors = ['login_required', 'interaction_required', 'consent_required', 'account_selection_required']

const useLibrary = () => import('openid-client')
type Library = Awaited<ReturnType<typeof useLibrary>>
type Tokens = TokenEndpointResponse & TokenEndpointResponseHelpers

/**
 * One provider of OpenID Connect: code flow with PKCE, state and nonce; ID tokens are verified by signature although they come over TLS. There is only
 * one provider, so that no other can be mixed up with it; where it names itself in its answers (RFC 9207), that is compared too.
 */
export class SsoProvider {
  readonly #options: SsoProviderOptions
  readonly #fetch: ProviderFetch
  #configuration: Promise<Configuration> | null = null
  #readAgainAt = Number.NEGATIVE_INFINITY
  #exchanges = 0

  constructor(options: SsoProviderOptions) {
    this.#options = options
    this.#fetch = new ProviderFetch(metadataUrl(options.issuer))
  }

  get issuer(): string {
    return this.#options.issuer
  }

  get #redirectUri(): string {
    return `${this.#options.site.url}${ssoReturnPath}`
  }

  /** Where to send a browser. @param parameters further ones, such as `prompt`. @throws GatewayError sso_unavailable */
  async authorizationUrl({ state, nonce, verifier }: SsoBinding, parameters: Readonly<Record<string, string>>): Promise<string> {
    const { scopes } = this.#options
    const library = await useLibrary()
    const configuration = await this.#read()
    const url = library.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#redirectUri,
      scope: scopes,
      state,
      nonce,
      code_challenge: await library.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...parameters,
    })
    return url.href
  }

  /**
   * Exchanges what the provider sent a browser back with.
   * @param query beginning with `?`
   * @throws InteractionRequired; GatewayError sso_failed, sso_unavailable
   */
  async exchange(query: string, { state, nonce, verifier }: SsoBinding): Promise<ProviderAnswer> {
    const library = await useLibrary()
    const configuration = await this.#read()
    if (this.#exchanges >= exchangesMax) throw new GatewayError('sso_unavailable', { retryAfterMs: 1_000 })
    this.#exchanges++
    try {
      const url = new URL(`${this.#redirectUri}${query.startsWith('?') ? query : `?${query}`}`)
      const tokens = await library.authorizationCodeGrant(configuration, url, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      })
      return await this.#answerOf(library, configuration, tokens, null)
    } catch (error) {
      if (error instanceof library.AuthorizationResponseError && interactionErrors.includes(error.error)) throw new InteractionRequired()
      throw this.#translate(library, error)
    } finally {
      this.#exchanges--
    }
  }

  /** Asks by refresh token whether the provider still lets somebody in. @throws GatewayError sso_failed, sso_unavailable */
  async refresh(refreshToken: string, subject: string): Promise<RefreshOutcome> {
    const library = await useLibrary()
    const configuration = await this.#read()
    try {
      const tokens = await library.refreshTokenGrant(configuration, refreshToken)
      if (tokens.claims() === undefined && configuration.serverMetadata().userinfo_endpoint === undefined) return 'silent'
      return await this.#answerOf(library, configuration, tokens, subject)
    } catch (error) {
      if (error instanceof library.ResponseBodyError && error.error === 'invalid_grant') return 'refused'
      throw this.#translate(library, error)
    }
  }

  /** Reads the metadata now. @returns the provider's time, ms; null if it does not say. @throws Error without secrets */
  async readTime(): Promise<number | null> {
    await this.#discover()
    return this.#fetch.answeredAt
  }

  async #answerOf(library: Library, configuration: Configuration, tokens: Tokens, expectedSubject: string | null): Promise<ProviderAnswer> {
    const inToken: Readonly<Record<string, unknown>> = tokens.claims() ?? {}
    const subject = expectedSubject ?? (typeof inToken.sub === 'string' ? inToken.sub : '')
    if (subject === '' || (inToken.sub !== undefined && inToken.sub !== subject)) throw new GatewayError('sso_failed')
    const lacksSome = this.#options.claims.some((name) => findClaim(inToken, name) === undefined)
    const hasUserInfo = configuration.serverMetadata().userinfo_endpoint !== undefined
    const more = lacksSome && hasUserInfo ? await library.fetchUserInfo(configuration, tokens.access_token, subject) : {}
    return { subject, claims: { ...more, ...inToken }, refreshToken: tokens.refresh_token ?? null }
  }

  /** The metadata, cached. Failures are cached too, so that nobody can make this server ask without end. @throws GatewayError sso_unavailable */
  async #read(): Promise<Configuration> {
    const now = this.#options.clock.now()
    if (now >= this.#readAgainAt) {
      this.#readAgainAt = now + metadataMs
      const before = this.#configuration
      const reading = this.#discover()
      this.#configuration = reading
      reading.catch(() => {
        this.#readAgainAt = now + failureMs
        // Metadata change rarely: old ones are better than none.
        if (before !== null) this.#configuration = before
      })
    }
    try {
      return await (this.#configuration as Promise<Configuration>)
    } catch (error) {
      this.#options.onTrouble(error as Error)
      throw new GatewayError('sso_unavailable', { retryAfterMs: failureMs })
    }
  }

  async #discover(): Promise<Configuration> {
    const library = await useLibrary()
    const { issuer, clientId, clientSecret } = this.#options
    const authenticate: import('openid-client').ClientAuth = (server, client, body, headers) => {
      const methods = server.token_endpoint_auth_methods_supported
      const byHeader = methods === undefined || methods.includes('client_secret_basic')
      const method = byHeader ? library.ClientSecretBasic(clientSecret) : library.ClientSecretPost(clientSecret)
      method(server, client, body, headers)
    }
    try {
      const configuration = await library.discovery(new URL(metadataUrl(issuer)), clientId, undefined, authenticate, {
        execute: [library.enableNonRepudiationChecks, ...(issuer.startsWith('http:') ? [library.allowInsecureRequests] : [])],
        [library.customFetch]: (url, options) => this.#fetch.request(url, options as RequestInit),
      })
      const metadata = configuration.serverMetadata()
      if (metadata.issuer !== issuer) throw new ProviderFault(`its metadata give the issuer as ${String(metadata.issuer).slice(0, 256)}`)
      if (metadata.authorization_endpoint === undefined || metadata.token_endpoint === undefined || metadata.jwks_uri === undefined) {
        throw new ProviderFault('its metadata lack authorization_endpoint, token_endpoint or jwks_uri')
      }
      const { authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint } = metadata
      this.#fetch.allow([authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint])
      return configuration
    } catch (error) {
      throw new Error(`the provider of single sign-on, ${issuer}: ${reasonOf(error)}`)
    }
  }

  #translate(library: Library, error: unknown): GatewayError {
    if (error instanceof GatewayError) return error
    const code = error instanceof library.ResponseBodyError ? error.error : undefined
    // The person cancelled, or somebody tried an invalid code: nothing for an administrator.
    if (error instanceof library.AuthorizationResponseError || code === 'invalid_grant') return new GatewayError('sso_failed')
    this.#options.onTrouble(new Error(`the provider of single sign-on: ${reasonOf(error)}`))
    return isProviderFault(error) || error instanceof library.ResponseBodyError || error instanceof library.WWWAuthenticateChallengeError
      ? new GatewayError('sso_unavailable', { retryAfterMs: failureMs })
      : new GatewayError('sso_failed')
  }
}

/** A claim by its name or, with dots, within objects. Undefined if it is not there. */
export function findClaim(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let at: unknown = claims
  for (const part of name.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = (at as Record<string, unknown>)[part]
  }
  return at
}

function metadataUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
}

/** Codes of the library for answers that are not the protocol's, as a broken or overloaded server gives. */
const faultCodes = ['OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON', 'OAUTH_PARSE_ERROR', 'OAUTH_TIMEOUT']

function isProviderFault(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof ProviderFault || faultCodes.includes((at as { code?: string }).code ?? '')) return true
  }
  return false
}

/** Never with the cause's body, which may contain tokens. */
function reasonOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof ProviderFault) return at.message
  const { message, code, error: answered, error_description: described } = error as Error & Record<string, string | undefined>
  return [message, code, answered, described?.slice(0, 256)].filter((part) => part !== undefined).join(', ')
}
