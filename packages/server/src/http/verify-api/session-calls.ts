/**
 * Member sessions for registered services: who a token, ticket or handle belongs to, and a feed of the sessions that end (docs/session-check.md).
 * Never reveals which condition failed (unknown, ended, another merchant's).
 */
import { parameterError, printable, shownFields } from '@lobbykey/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { normalizeAddress } from '../../core/base/network-address.ts'
import type { GameTarget } from '../../core/catalogue/catalogue-directory.ts'
import type { SessionCheck } from '../../core/member-sessions/session-check.ts'
import { type SessionFacts, sessionIdOf } from '../../core/member-sessions/session-facts.ts'
import type { SessionFeed } from '../../core/member-sessions/session-feed.ts'
import type { CatalogueLimit } from '../../store/store.ts'
import { type Form, requiredParameter, type ServiceCallDependencies, serviceCalls } from './service-calls.ts'
import { followSessions } from './session-follower.ts'

export interface SessionCallDependencies extends ServiceCallDependencies {
  readonly sessionCheck: SessionCheck
  readonly sessionFeed: SessionFeed
}

const inactive = JSON.stringify({ active: false })

export async function sessionCalls(app: FastifyInstance, dependencies: SessionCallDependencies): Promise<void> {
  const { serviceAuthentication, sessionCheck, sessionFeed } = dependencies
  serviceCalls(app, dependencies, {
    recordedAs: 'session_',
    post: {
      check: (form, { request }) => check(form, request, sessionCheck),
      redeem: (form) => redeem(form, sessionCheck),
    },
    get: {
      feed: (reply, { service, request }) =>
        followSessions(sessionFeed, { service, request, reply, isWelcome: () => serviceAuthentication.isWelcome(service) }),
    },
  })
}

async function check(form: Form, request: FastifyRequest, sessionCheck: SessionCheck): Promise<string> {
  const handle = form.get('handle')
  if (handle !== undefined) {
    if (form.has('token')) throw parameterError('token', 'must not be sent beside a handle')
    const facts = await sessionCheck.byHandle(handle)
    return facts === null ? inactive : answerOf(facts)
  }
  const agentId = requiredParameter(form, 'agent_id')
  const token = requiredParameter(form, 'token')
  const facts = await sessionCheck.byToken(agentId, token, memberAddress(form) ?? request.clientAddress ?? 'unknown')
  return facts === null ? inactive : answerOf(facts)
}

async function redeem(form: Form, sessionCheck: SessionCheck): Promise<string> {
  const redeemed = await sessionCheck.redeem(requiredParameter(form, 'agent_id'), requiredParameter(form, 'ticket'))
  if (redeemed === null) return inactive
  return `${answerOf(redeemed.facts).slice(0, -1)},${JSON.stringify({ handle: redeemed.handle }).slice(1)}`
}

function memberAddress(form: Form): string | null {
  const given = form.get('member_address')
  if (given === undefined) return null
  const address = normalizeAddress(given)
  if (address === null) throw parameterError('member_address', `must be an IP address, not ${printable(given)}`)
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
    game_code: session.gameCode,
    game: gameOf(target),
    limits: Object.fromEntries(limits.map(({ key, limits: chosen }) => [key, chosen.map(limitOf)])),
    ...Object.fromEntries(shownFields.map((name) => [name, session.opaque[name] ?? null])),
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
