import { createHash, randomBytes } from 'node:crypto'
import type {
  EventInput,
  LoginWrite,
  MemberRecord,
  MerchantKeyRecord,
  MerchantRecord,
  SellerRecord,
  SellerSession,
  SignedRequest,
  Store,
} from '../../src/store/store.ts'

/** The time at which these tests take place. */
export const start = 1_767_225_600_000

/** A name that no other test uses: suites share one store. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`
}

export function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest().subarray(0, 16)
}

export function sampleEvent(kind = 'test.happened', more: Partial<EventInput> = {}): EventInput {
  return { at: start, kind, surface: 'cli', ...more }
}

export function sampleMerchant(agentId: string, more: Partial<MerchantRecord> = {}): MerchantRecord {
  return {
    agentId,
    status: 'enabled',
    settings: {
      currencies: ['VND2', 'USD'],
      allow: ['127.0.0.0/8', '::1'],
      callbackOrigins: [],
      lobbyUrl: null,
      lobbyUrls: { ios: null, android: null, h5: null, web: null },
      launch: 'token',
      sessions: 'many',
      ratePerSecond: null,
      autoCreateMembers: false,
      algorithm: 'md5',
      callback: 'unsigned',
      frameAncestors: [],
      labels: {},
    },
    createdAt: start,
    updatedAt: start,
    ...more,
  }
}

export function sampleKey(agentId: string, id = 'key1', more: Partial<MerchantKeyRecord> = {}): MerchantKeyRecord {
  return { id, agentId, sealed: digest(`${agentId}/${id}`), createdAt: start, retiredAt: null, lastUsedAt: null, ...more }
}

export function sampleMember(agentId: string, userId: string, more: Partial<MemberRecord> = {}): MemberRecord {
  return { agentId, userId, userName: userId, desc: '', status: 'Active', createdAt: start, updatedAt: start, ...more }
}

/** A merchant with these members; returns its agent_id. */
export async function addMerchant(store: Store, ...userIds: string[]): Promise<string> {
  const agentId = uniqueName('agent')
  await store.merchants.add(sampleMerchant(agentId), sampleKey(agentId), sampleEvent())
  for (const userId of userIds) await store.members.create(sampleMember(agentId, userId), null, sampleEvent())
  return agentId
}

export function sampleRequest(agentId: string, signature: string, more: Partial<SignedRequest> = {}): SignedRequest {
  return {
    agentId,
    signature: digest(signature),
    timestamp: start,
    endpoint: 'login',
    unsignedDigest: digest('no unsigned fields'),
    expiresAt: start + 600_000,
    ...more,
  }
}

export interface LoginSample {
  readonly agentId: string
  readonly userId: string
  readonly token: string
  /** Default: unlike any other. */
  readonly signature?: string
  readonly unsigned?: string
  readonly now?: number
  readonly lifeMs?: number
  readonly gameCode?: string | null
}

export function sampleLogin(sample: LoginSample): LoginWrite {
  const {
    agentId,
    userId,
    token,
    signature = uniqueName('signature'),
    unsigned = '',
    now = start,
    lifeMs = 86_400_000,
    gameCode = null,
  } = sample
  return {
    request: sampleRequest(agentId, signature, { unsignedDigest: digest(unsigned) }),
    userId,
    tokenHash: digest(`${agentId}/${token}`),
    platform: 'h5',
    language: 'en-US',
    currency: 'VND2',
    gameCode,
    opaque: null,
    now,
    expiresAt: now + lifeMs,
  }
}

export function sampleSeller(more: Partial<SellerRecord> = {}): SellerRecord {
  const id = uniqueName('seller')
  return {
    id,
    email: `${id}@example.com`,
    passwordHash: '$argon2id$first',
    status: 'enabled',
    createdAt: start,
    updatedAt: start,
    lastLoginAt: null,
    needlessLogins: 0,
    labels: {},
    ...more,
  }
}

export async function addSeller(store: Store): Promise<SellerRecord> {
  const seller = sampleSeller()
  await store.sellers.add(seller, sampleEvent())
  return seller
}

export function sampleSellerSession(sellerId: string, more: Partial<SellerSession> = {}): SellerSession {
  return {
    sid: uniqueName('sid'),
    sellerId,
    refreshHash: digest('refresh 0'),
    previousRefreshHash: null,
    issuedAt: start,
    kid: 'kid1',
    createdAt: start,
    idleExpiresAt: start + 7 * 86_400_000,
    absoluteExpiresAt: start + 30 * 86_400_000,
    accessExpiresAt: start + 86_400_000,
    endedAt: null,
    endReason: null,
    address: '127.0.0.1',
    ...more,
  }
}
