import { hash } from 'node:crypto'
import { GatewayError, type MemberLoginFields, parameterError } from '@lobbykey/contract'
import type { MemberStore } from '../store/store.ts'
import type { CatalogueDirectory } from './catalogue-directory.ts'
import { buildLobbyUrl } from './lobby-url.ts'
import { isLoopbackHost } from './loopback-host.ts'
import type { SessionTokenHasher } from './session-token.ts'
import type { SessionWriter } from './session-writer.ts'
import { type SignedCallState, type Step, signedRequest } from './signed-call.ts'

export interface MemberLoginState extends SignedCallState<MemberLoginFields> {
  /** The callback as it was verified: re-serialised by the URL parser. */
  callback?: string
}

export interface MemberLoginDependencies {
  readonly catalogue: CatalogueDirectory
  readonly members: MemberStore
  readonly writer: SessionWriter
  readonly hashToken: SessionTokenHasher
  readonly sessionMs: number
  /** Where merchants without a lobby URL of their own send their members. */
  readonly lobbyUrl: string
  /** Whether a callback may be http on loopback: the sandbox only. */
  readonly allowLoopbackCallback: boolean
}

/** The steps of a login after its signature: what is asked for, and at last the session itself. */
export function memberLoginSteps(dependencies: MemberLoginDependencies) {
  const { catalogue, allowLoopbackCallback } = dependencies
  return {
    currency: {
      name: 'currency',
      run: ({ fields, merchant }) => {
        if (!merchant.currencies.has(fields.currency)) throw new GatewayError('currency_not_allowed')
      },
    },
    limits: {
      name: 'limits',
      run: ({ fields, merchant }) => {
        if (fields.limits !== undefined) catalogue.verifyLimits(fields.limits, merchant.currencies)
      },
    },
    callback: {
      name: 'callback',
      run: (state) => {
        const { callback } = state.fields
        if (callback !== undefined) state.callback = verifyCallback(callback, state.merchant.callbackOrigins, allowLoopbackCallback)
      },
    },
    /** Member, status and session are judged together, in the transaction that writes. */
    session: { name: 'member, status, session', run: (state) => openSession(state, dependencies) },
  } as const satisfies Record<string, Step<MemberLoginState>>
}

async function openSession(state: MemberLoginState, dependencies: MemberLoginDependencies): Promise<void> {
  const { fields, merchant, now, callback } = state
  const write = {
    request: signedRequest(state, unsignedDigest(state)),
    userId: fields.user_id,
    tokenHash: dependencies.hashToken(merchant.agentId, fields.token),
    platform: fields.platform,
    language: fields.language,
    currency: fields.currency,
    gameCode: fields.game_code ?? null,
    callback: callback ?? null,
    limits: fields.limits === undefined ? null : JSON.stringify(fields.limits),
    customLanguage: fields.custom_language ?? null,
    now,
    expiresAt: now + dependencies.sessionMs,
  }
  let outcome = await dependencies.writer.write(write)
  if (outcome === 'member-not-found' && merchant.settings.autoCreateMembers) {
    await createMember(state, dependencies.members)
    outcome = await dependencies.writer.write(write)
  }
  switch (outcome) {
    case 'member-not-found':
      throw new GatewayError('member_not_found')
    case 'member-locked':
      throw new GatewayError('member_locked')
    case 'refused':
      throw new GatewayError('login_refused')
    case 'accepted':
    case 'repeated':
      state.answer = { url: lobbyUrl(state, dependencies.lobbyUrl), token: fields.token }
  }
}

/** A member made by a login has user_name = user_id and an empty desc (member-login.md). */
async function createMember({ fields, merchant, now, address, requestId }: MemberLoginState, members: MemberStore): Promise<void> {
  const member = {
    agentId: merchant.agentId,
    userId: fields.user_id,
    userName: fields.user_id,
    desc: '',
    status: 'Active',
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

function lobbyUrl({ fields, merchant, callback }: MemberLoginState, ownLobbyUrl: string): string {
  return buildLobbyUrl(merchant.settings.lobbyUrl ?? ownLobbyUrl, {
    agent_id: fields.agent_id,
    uid: fields.user_id,
    token: fields.token,
    language: fields.language,
    platform: fields.platform,
    currency: fields.currency,
    game_code: fields.game_code ?? null,
    callback: callback ?? null,
  })
}

const noBytes = new Uint8Array(0)

/** Over the fields that the signature may not cover, so that one signature cannot be sent again with others. */
function unsignedDigest({ fields, callback }: MemberLoginState): Uint8Array {
  const { limits, custom_language } = fields
  if (limits === undefined && callback === undefined && custom_language === undefined) return noBytes
  const sorted = limits === undefined ? null : Object.entries(limits).sort(([a], [b]) => (a < b ? -1 : 1))
  return hash('sha256', JSON.stringify([sorted, callback ?? null, custom_language ?? null]), 'buffer').subarray(0, 16)
}

/**
 * Holds a callback to the merchant's list, by exact origin (check 34): https, or http on loopback where allowed; no user info.
 * @returns the URL as the parser writes it, which is the one that was judged
 * @throws GatewayError invalid_parameter
 */
export function verifyCallback(callback: string, origins: ReadonlySet<string>, allowLoopback: boolean): string {
  const url = /^https?:\/\/[^/]/.test(callback) ? URL.parse(callback) : null
  if (url === null) throw parameterError('callback', 'must be an absolute https URL')
  const isLoopbackHttp = url.protocol === 'http:' && isLoopbackHost(url.hostname)
  if (url.protocol !== 'https:' && !(allowLoopback && isLoopbackHttp)) throw parameterError('callback', 'must be an https URL')
  if (url.username !== '' || url.password !== '') throw parameterError('callback', 'must not carry user info')
  if (!origins.has(url.origin)) throw parameterError('callback', `has the origin ${url.origin}, which is not on the merchant's list`)
  return url.href
}
