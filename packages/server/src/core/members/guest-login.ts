import { GatewayError, type GuestLoginFields } from '@lobbykey/contract'
import type { MemberSessionStore } from '../../store/store.ts'
import { buildLobbyUrl, lobbyOf } from '../merchants/lobby-url.ts'
import type { Step } from '../records/steps.ts'
import type { GuestIdentifier } from './guest-identity.ts'
import { issueTicket } from './lobby-ticket.ts'
import { keptFields, loginValues } from './session-fields.ts'
import type { SessionTokenHasher } from './session-token.ts'
import { type SignedCallState, signedRequest } from './signed-call.ts'

export interface GuestLoginState extends SignedCallState<GuestLoginFields> {
  /** The callback as it was verified. */
  callback?: string
}

export interface GuestLoginDependencies {
  readonly sessions: MemberSessionStore
  readonly identify: GuestIdentifier
  readonly hashToken: SessionTokenHasher
  readonly sessionMs: number
  readonly lobbyUrl: string
}

const noBytes = new Uint8Array(0)

/** The last step of a guest login; member login's steps check currency and callback. */
export function guestLoginSteps(dependencies: GuestLoginDependencies) {
  return {
    session: { name: 'session', run: (state) => openSession(state, dependencies) },
  } as const satisfies Record<string, Step<GuestLoginState>>
}

async function openSession(state: GuestLoginState, dependencies: GuestLoginDependencies): Promise<void> {
  const { fields, merchant, signature, now, callback = null } = state
  const { token, uid } = dependencies.identify(merchant.agentId, signature)
  const expiresAt = now + dependencies.sessionMs
  const ticket = merchant.settings.launch === 'ticket' ? issueTicket(now, expiresAt) : null
  const outcome = await dependencies.sessions.openGuest({
    request: signedRequest(state, noBytes),
    userId: uid,
    tokenHash: dependencies.hashToken(merchant.agentId, token),
    platform: fields.platform,
    language: fields.language,
    currency: fields.currency,
    gameCode: fields.game_code ?? null,
    opaque: keptFields(state.call, loginValues(fields, state.callback)),
    ticket: ticket?.record ?? null,
    now,
    expiresAt,
  })
  if (outcome === 'refused') throw new GatewayError('login_refused')
  const url = buildLobbyUrl(lobbyOf(merchant.settings, fields.platform) ?? dependencies.lobbyUrl, {
    agent_id: fields.agent_id,
    uid,
    token: ticket?.text ?? token,
    language: fields.language,
    platform: fields.platform,
    currency: fields.currency,
    game_code: fields.game_code ?? null,
    callback,
  })
  state.answer = { url, token }
}
