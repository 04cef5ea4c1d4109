import { createHash } from 'node:crypto'
import { GatewayError } from '@lobbykey/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ChangeFeed } from '../../core/records/change-feed.ts'
import type { SellerServices } from '../../seller-services.ts'
import { allowOrigins } from '../cors.ts'
import { reportError } from '../report-error.ts'
import { sendOauthFailure } from './oauth-answer.ts'

export interface WellKnownDependencies {
  readonly issuer: string
  /** How long verifiers may cache keys; well below the time a key is published before it signs (check 23). */
  readonly keysMaxAgeSeconds: number
  readonly feed: Pick<ChangeFeed, 'assertFresh'>
  readonly services: Pick<SellerServices, 'keys' | 'revocationFeed'>
}

/** Keys, metadata and the revocation feed: public, without credentials, each with its own cache rule. */
export async function wellKnown(app: FastifyInstance, dependencies: WellKnownDependencies): Promise<void> {
  const { issuer, keysMaxAgeSeconds, feed, services } = dependencies
  const metadata = jsonDocument(metadataOf(issuer))
  const forAWhile = `public, max-age=${keysMaxAgeSeconds}`

  allowOrigins(app, 'any')
  app.setErrorHandler((error, request, reply) => {
    const known = reportError(error, request)
    sendOauthFailure(reply, known)
  })
  route(app, '/.well-known/jwks.json', (request, reply) => {
    sendDocument(request, reply, {
      type: 'application/jwk-set+json',
      cache: forAWhile,
      ...jsonDocument({ keys: services.keys.publicJwks() }),
    })
  })
  route(app, '/.well-known/oauth-authorization-server', (request, reply) => {
    sendDocument(request, reply, { type: 'application/json', cache: forAWhile, ...metadata })
  })
  route(app, '/.well-known/revocations', async (request, reply) => {
    // A stale list must not pass for the newest one: 503 tells verifiers to use their fallback.
    await feed.assertFresh()
    // Caches must revalidate every time: the list promises to be seconds old.
    sendDocument(request, reply, { type: 'application/jwt', cache: 'public, no-cache', ...(await services.revocationFeed.current()) })
    return reply
  })
}

/** RFC 8414, with only what is served here: there is no authorization or token endpoint, so both lists are empty. */
function metadataOf(issuer: string): object {
  const methods = ['client_secret_basic', 'client_secret_post']
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: [],
    grant_types_supported: [],
    introspection_endpoint: `${issuer}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: methods,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_feed_uri: `${issuer}/.well-known/revocations`,
  }
}

interface Document {
  readonly type: string
  /** Cache-Control. */
  readonly cache: string
  readonly body: string
  readonly etag: string
}

function jsonDocument(value: object): Pick<Document, 'body' | 'etag'> {
  const body = JSON.stringify(value)
  return { body, etag: `"${createHash('sha256').update(body).digest('base64url')}"` }
}

function route(app: FastifyInstance, url: string, handler: (request: FastifyRequest, reply: FastifyReply) => unknown): void {
  app.route({ method: ['GET', 'HEAD'], url, config: { isQuiet: true }, handler })
  // For preflights of pages that send If-None-Match; there is nothing else to ask.
  app.options(url, { config: { isQuiet: true } }, () => {
    throw new GatewayError('method_not_allowed', { allow: 'GET, HEAD' })
  })
}

function sendDocument(request: FastifyRequest, reply: FastifyReply, { type, cache, body, etag }: Document): void {
  reply.header('cache-control', cache).header('etag', etag).header('cross-origin-resource-policy', 'cross-origin')
  if (matches(request.headers['if-none-match'], etag)) reply.code(304).send()
  else reply.type(type).send(body)
}

/** RFC 9110, section 13.1.2, with the weak comparison. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag)
}
