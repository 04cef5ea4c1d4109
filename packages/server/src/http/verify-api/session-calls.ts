/**
 * Member sessions, for registered services: whose a token, ticket or handle is, and a feed of the sessions that end (docs/session-check.md).
 *
 * The order of steps is a security property: form, then who asks, then whether memory is fresh, and only then the token. What a token is
 * not (known, alive, of this merchant) is never told apart.
 */
import { GatewayError, parameterError, printable } from '@lobbykey/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { GameTarget } from '../../core/catalogue-directory.ts'
import type { ChangeFeed } from '../../core/change-feed.ts'
import type { Clock } from '../../core/clock.ts'
import type { EventLog } from '../../core/event-log.ts'
import { normalizeAddress } from '../../core/network-address.ts'
import type { ServiceAuthentication } from '../../core/service-authentication.ts'
import type { SessionCheck } from '../../core/session-check.ts'
import { type SessionFacts, sessionIdOf } from '../../core/session-facts.ts'
import type { SessionFeed } from '../../core/session-feed.ts'
import type { CatalogueLimit } from '../../store/store.ts'
import { readServiceCredentials } from '../service-credentials.ts'
import { toGatewayError } from '../to-gateway-error.ts'
import { readForm, takeOnlyForms } from './form-body.ts'
import { sendOauthFailure } from './oauth-answer.ts'
import { followSessions } from './session-follower.ts'

export interface SessionCallDependencies {
  readonly clock: Clock
  readonly feed: Pick<ChangeFeed, 'assertFresh'>
  readonly eventLog: EventLog
  readonly serviceAuthentication: ServiceAuthentication
  readonly sessionCheck: SessionCheck
  readonly sessionFeed: SessionFeed
}

type Form = ReadonlyMap<string, string>
type Operation = (form: Form, request: FastifyRequest, dependencies: SessionCallDependencies) => Promise<string>

const inactive = JSON.stringify({ active: false })
const methods: Readonly<Record<string, string>> = { check: 'POST', redeem: 'POST', feed: 'GET' }

export async function sessionCalls(app: FastifyInstance, dependencies: SessionCallDependencies): Promise<void> {
  const { clock, eventLog, feed, serviceAuthentication, sessionFeed } = dependencies
  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply, operation = 'request') => {
    const known = toGatewayError(error)
    if (known.key === 'internal') request.log.error({ err: known.cause ?? known }, 'internal error')
    eventLog.refused({
      at: clock.now(),
      kind: `service.session_${operation}_refused`,
      surface: 'verify-api',
      address: request.clientAddress ?? undefined,
      requestId: request.id,
      details: { key: known.key, field: known.details.field },
    })
    sendOauthFailure(reply, known)
  }

  takeOnlyForms(app)
  app.setErrorHandler((error, request, reply) => fail(error, request, reply))
  // Before a body is read: a path that is not there takes none.
  app.addHook('onRequest', (request, _reply, done) => {
    if (!request.is404) return done()
    const allow = methods[request.url.split('?', 1)[0]?.slice(app.prefix.length + 1) ?? '']
    done(allow === undefined ? new GatewayError('path_not_found') : new GatewayError('method_not_allowed', { allow }))
  })
  app.setNotFoundHandler((request, reply) => fail(new GatewayError('path_not_found'), request, reply))

  for (const [name, operation] of Object.entries({ check, redeem } satisfies Record<string, Operation>)) {
    app.post(`/${name}`, { config: { isQuiet: true } }, async (request, reply) => {
      try {
        const form = readForm(request)
        serviceAuthentication.verify(readServiceCredentials(request, form), request.clientAddress)
        await feed.assertFresh()
        const answer = await operation(form, request, dependencies)
        reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store').send(answer)
      } catch (error) {
        fail(error, request, reply, name)
      }
      return reply
    })
  }
  app.get('/feed', async (request, reply) => {
    try {
      const service = serviceAuthentication.verify(readServiceCredentials(request), request.clientAddress)
      await feed.assertFresh()
      await followSessions(sessionFeed, request, reply, () => serviceAuthentication.isWelcome(service))
    } catch (error) {
      fail(error, request, reply, 'feed')
    }
    return reply
  })
}

async function check(form: Form, request: FastifyRequest, { sessionCheck }: SessionCallDependencies): Promise<string> {
  const handle = form.get('handle')
  if (handle !== undefined) {
    if (form.has('token')) throw parameterError('token', 'must not be sent beside a handle')
    const facts = await sessionCheck.byHandle(handle)
    return facts === null ? inactive : answerOf(facts)
  }
  const agentId = required(form, 'agent_id')
  const token = required(form, 'token')
  const facts = await sessionCheck.byToken(agentId, token, memberAddress(form) ?? request.clientAddress ?? 'unknown')
  return facts === null ? inactive : answerOf(facts)
}

async function redeem(form: Form, _request: FastifyRequest, { sessionCheck }: SessionCallDependencies): Promise<string> {
  const redeemed = await sessionCheck.redeem(required(form, 'agent_id'), required(form, 'ticket'))
  if (redeemed === null) return inactive
  return `${answerOf(redeemed.facts).slice(0, -1)},${JSON.stringify({ handle: redeemed.handle }).slice(1)}`
}

function required(form: Form, name: string): string {
  const value = form.get(name)
  if (value === undefined || value === '') throw parameterError(name, 'is required')
  return value
}

function memberAddress(form: Form): string | null {
  const told = form.get('member_address')
  if (told === undefined) return null
  const address = normalizeAddress(told)
  if (address === null) throw parameterError('member_address', `must be an IP address, not ${printable(told)}`)
  return address
}

/** Facts stay the same object while nothing changes, and so does their text. */
const answers = new WeakMap<SessionFacts, string>()

function answerOf(facts: SessionFacts): string {
  const known = answers.get(facts)
  if (known !== undefined) return known
  const { session, target, limits, isBetLocked } = facts
  const answer = JSON.stringify({
    active: true,
    session_id: sessionIdOf(session),
    kind: session.kind,
    agent_id: session.agentId,
    user_id: session.userId,
    currency: session.currency,
    platform: session.platform,
    language: session.language,
    custom_language: session.customLanguage,
    game_code: session.gameCode,
    game: gameOf(target),
    limits: Object.fromEntries(limits.map(({ key, limits: chosen }) => [key, chosen.map(limitOf)])),
    callback: session.callback,
    amount: session.amount,
    lock_bet: isBetLocked,
    created_at: session.createdAt,
    expires_at: session.expiresAt,
  })
  answers.set(facts, answer)
  return answer
}

/** Null: the lobby. */
function gameOf(target: GameTarget): object | null {
  if (target.kind === 'lobby') return null
  return {
    game_id: target.game.gameId,
    inst_id: target.kind === 'table' ? target.table.instId : null,
    is_random_table: target.kind === 'random',
  }
}

function limitOf({ redId, minLimit, maxLimit }: CatalogueLimit): object {
  return { red_id: redId, min_limit: minLimit, max_limit: maxLimit }
}
