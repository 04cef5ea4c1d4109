/**
 * Everything for verifying seller tokens: keys and metadata, the revocation feed, introspection and revocation for registered services, and
 * forward-auth for proxies. Each part has its own kind of answer; the rules are in core.
 */
import type { FastifyInstance } from 'fastify'
import { type ForwardAuthDependencies, forwardAuth } from './forward-auth.ts'
import { type SessionCallDependencies, sessionCalls } from './session-calls.ts'
import { type TokenCallDependencies, tokenCalls } from './token-calls.ts'
import { type WellKnownDependencies, wellKnown } from './well-known.ts'

export type VerifyApiDependencies = WellKnownDependencies & TokenCallDependencies & SessionCallDependencies & ForwardAuthDependencies

export async function verifyApi(app: FastifyInstance, dependencies: VerifyApiDependencies): Promise<void> {
  await app.register(wellKnown, dependencies)
  await app.register(tokenCalls, { prefix: '/oauth', ...dependencies })
  await app.register(sessionCalls, { prefix: '/session', ...dependencies })
  await app.register(forwardAuth, dependencies)
}
