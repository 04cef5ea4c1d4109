import {
  GatewayError,
  isGatewayError,
  type MemberCreateFields,
  type MemberLockFields,
  type MemberLogoutFields,
  type MemberUpdateFields,
  unlockedStatus,
} from '@lobbykey/contract'
import type { EventInput, MemberSessionStore, MemberStore, SignedOutcome } from '../../store/store.ts'
import type { Step } from '../records/steps.ts'
import type { SessionWriter } from './session-writer.ts'
import { type SignedCallState, signedRequest } from './signed-call.ts'

export interface MemberLifecycleDependencies {
  readonly members: MemberStore
  readonly sessions: MemberSessionStore
  readonly writer: Pick<SessionWriter, 'answered'>
}

const noBytes = new Uint8Array(0)
const clearedDesc = Uint8Array.of(1)

/** The last step of create, update, lock and logout: the change itself, applied once even if the request is repeated. */
export function memberLifecycleSteps({ members, sessions, writer }: MemberLifecycleDependencies) {
  const create: Step<SignedCallState<MemberCreateFields>> = {
    name: 'create',
    run: async (state) => {
      const { fields, now } = state
      const member = {
        agentId: fields.agent_id,
        userId: fields.user_id,
        userName: fields.user_name,
        desc: fields.desc ?? '',
        status: unlockedStatus,
        createdAt: now,
        updatedAt: now,
      } as const
      const outcome = await members.create(member, signedRequest(state, noBytes), eventOf(state, 'member.created'))
      if (outcome === 'exists') throw new GatewayError('member_exists')
      verifyOutcome(outcome)
    },
  }
  const update: Step<SignedCallState<MemberUpdateFields>> = {
    name: 'update',
    run: async (state) => {
      const { fields, now } = state
      const { agent_id: agentId, user_id: userId, user_name: userName, desc } = fields
      // An empty desc and an absent one differ but are both unsigned; the digest distinguishes them.
      const request = signedRequest(state, desc === '' ? clearedDesc : noBytes)
      const changed = [...(userName === undefined ? [] : ['user_name']), ...(desc === undefined ? [] : ['desc'])]
      const outcome = await members.update({ agentId, userId, userName, desc, now }, request, eventOf(state, 'member.updated', { changed }))
      if (outcome === 'not-found') throw new GatewayError('member_not_found')
      verifyOutcome(outcome)
    },
  }
  const lock: Step<SignedCallState<MemberLockFields>> = {
    name: 'lock',
    run: async (state) => {
      const { fields, now } = state
      const change = { agentId: fields.agent_id, userId: fields.user_id, status: fields.status, now }
      const event = eventOf(state, fields.status === unlockedStatus ? 'member.unlocked' : 'member.locked', { status: fields.status })
      const outcome = await members.setStatus(change, signedRequest(state, noBytes), event).catch(asLockFailure)
      // Answer logins that were written before the lock, and ended by it, before answering the lock.
      await writer.answered()
      if (outcome === 'not-found') throw new GatewayError('member_not_found')
      verifyOutcome(outcome)
    },
  }
  const logout: Step<SignedCallState<MemberLogoutFields>> = {
    name: 'logout',
    run: async (state) => {
      const { fields, now } = state
      const end = { agentId: fields.agent_id, userId: fields.user_id, reason: 'logout', now } as const
      const outcome = await sessions.endByMember(end, signedRequest(state, noBytes), eventOf(state, 'member.logged_out'))
      if (outcome === 'not-found') throw new GatewayError('member_not_found')
      verifyOutcome(outcome)
    },
  }
  return { create, update, lock, logout }
}

/** The freshness step for lock: if the store is unavailable the status may not change, which is 700105. */
export function freshForLock(fresh: Step<SignedCallState>): Step<SignedCallState> {
  return {
    name: fresh.name,
    run: async (state) => {
      try {
        await fresh.run(state)
      } catch (error) {
        asLockFailure(error)
      }
    },
  }
}

/** One signature is for one request: on another endpoint it is refused like a used token (member-login.md, replay). */
function verifyOutcome(outcome: SignedOutcome): void {
  if (outcome === 'reused') throw new GatewayError('login_refused', { message: 'the signature was used before, for another request' })
}

function asLockFailure(error: unknown): never {
  if (isGatewayError(error) && error.key === 'store_unavailable') throw new GatewayError('lock_failed', error.details, error)
  throw error
}

function eventOf(state: SignedCallState<MemberLogoutFields>, kind: string, details?: Record<string, unknown>): EventInput {
  return {
    at: state.now,
    kind,
    surface: 'member-api',
    agentId: state.fields.agent_id,
    subject: state.fields.user_id,
    address: state.address ?? undefined,
    requestId: state.requestId,
    details,
  }
}
