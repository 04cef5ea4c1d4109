import { GatewayError, type MemberLoginFields, unlockedStatus } from '@lobbykey/contract'
import type { LobbyTicket, LoginTerms, MemberStore, MerchantSettings } from '../../store/store.ts'
import type { CatalogueDirectory } from '../catalogue/catalogue-directory.ts'
import { buildLobbyUrl, lobbyOf } from '../merchants/lobby-url.ts'
import { verifyCallback } from '../merchants/verify-callback.ts'
import type { ConductLog } from '../records/conduct-log.ts'
import type { Step } from '../records/steps.ts'
import { issueTicket } from './lobby-ticket.ts'
import { keptFields, loginValues, unsignedDigest } from './session-fields.ts'
import type { SessionTokenHasher } from './session-token.ts'
import type { SessionWriter } from './session-writer.ts'
import { type SignedCallState, signedRequest } from './signed-call.ts'

export interface MemberLoginState extends SignedCallState<MemberLoginFields> {
  /** The callback as it was verified: re-serialised by the URL parser. */
  callback?: string
}

export interface MemberLoginDependencies {
  readonly catalogue: CatalogueDirectory
  readonly members: MemberStore
  readonly writer: SessionWriter
  readonly hashToken: SessionTokenHasher
  readonly conduct: Pick<ConductLog, 'loggedIn' | 'usedCallback'>
  readonly sessionMs: number
  /** The lobby of merchants without their own lobby URL. */
  readonly lobbyUrl: string
  /** Whether a callback may be http on loopback: the sandbox only. */
  readonly allowLoopbackCallback: boolean
}

/** The steps of a login after its signature, up to the session. */
export function memberLoginSteps(dependencies: MemberLoginDependencies) {
  const { catalogue, conduct, allowLoopbackCallback } = dependencies
  return {
    currency: {
      name: 'currency',
      run: ({ fields, merchant }) => {
        if (!merchant.settings.currencies.includes(fields.currency)) throw new GatewayError('currency_not_allowed')
      },
      fact: ({ fields }) => ['text', fields.currency],
    },
    limits: {
      name: 'limits',
      run: ({ fields, merchant }) => {
        if (fields.limits !== undefined) catalogue.verifyLimits(fields.limits, merchant.settings.currencies)
      },
    },
    callback: {
      name: 'callback',
      run: (state) => {
        const { fields, merchant, now } = state
        if (fields.callback === undefined) return
        state.callback = verifyCallback(fields.callback, merchant.settings.callbackOrigins, allowLoopbackCallback)
        conduct.usedCallback(merchant.agentId, now)
      },
    },
    /** Member, status and session are checked together, in the transaction that writes. */
    session: {
      name: 'member, status, session',
      run: (state) => openSession(state, dependencies),
      fact: ({ fields }) => ['text', fields.user_id],
    },
  } as const satisfies Record<string, Step<MemberLoginState>>
}

async function openSession(state: MemberLoginState, dependencies: MemberLoginDependencies): Promise<void> {
  const { fields, merchant, now } = state
  const values = loginValues(fields, state.callback)
  const expiresAt = now + dependencies.sessionMs
  const ticket = merchant.settings.launch === 'ticket' ? issueTicket(now, expiresAt) : null
  const write = {
    request: signedRequest(state, unsignedDigest(values)),
    userId: fields.user_id,
    tokenHash: dependencies.hashToken(merchant.agentId, fields.token),
    platform: fields.platform,
    language: fields.language,
    currency: fields.currency,
    gameCode: fields.game_code ?? null,
    opaque: keptFields(state.call, values),
    now,
    expiresAt,
    terms: termsOf(merchant.settings, ticket?.record ?? null),
  }
  let outcome = await dependencies.writer.write(write)
  if (outcome === 'member-not-found' && merchant.settings.autoCreateMembers) {
    await createMember(state, dependencies.members)
    outcome = await dependencies.writer.write(write)
  }
  switch (outcome) {
    case 'member-not-found':
      throw new GatewayError('member_not_found')
    case 'refused':
      throw new GatewayError('login_refused')
    case 'accepted':
    case 'repeated':
      dependencies.conduct.loggedIn({
        agentId: merchant.agentId,
        userId: fields.user_id,
        tokenHash: write.tokenHash,
        at: now,
        isRepeated: outcome === 'repeated',
      })
      state.answer = { url: lobbyUrl(state, ticket?.text ?? fields.token, dependencies.lobbyUrl), token: fields.token }
      break
    default:
      throw new GatewayError(outcome)
  }
}

/** A member created by a login has user_name = user_id and an empty desc (member-login.md). */
async function createMember({ fields, merchant, now, address, requestId }: MemberLoginState, members: MemberStore): Promise<void> {
  const member = {
    agentId: merchant.agentId,
    userId: fields.user_id,
    userName: fields.user_id,
    desc: '',
    status: unlockedStatus,
    createdAt: now,
    updatedAt: now,
  } as const
  await members.create(member, null, {
    at: now,
    kind: 'member.created',
    surface: 'member-api',
    agentId: merchant.agentId,
    subject: fields.user_id,
    address: address ?? undefined,
    requestId,
    details: { by: 'login' },
  })
}

/** Undefined in the common, fast case without terms. */
function termsOf({ sessions }: MerchantSettings, ticket: LobbyTicket | null): LoginTerms | undefined {
  return sessions === 'many' && ticket === null ? undefined : { sessions, ticket }
}

/** @param token the session's token, or a ticket */
function lobbyUrl({ fields, merchant, callback }: MemberLoginState, token: string, ownLobbyUrl: string): string {
  return buildLobbyUrl(lobbyOf(merchant.settings, fields.platform) ?? ownLobbyUrl, {
    agent_id: fields.agent_id,
    uid: fields.user_id,
    token,
    language: fields.language,
    platform: fields.platform,
    currency: fields.currency,
    game_code: fields.game_code ?? null,
    callback: callback ?? null,
  })
}
