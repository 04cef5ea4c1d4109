/** Partners named after what happens to them, so that integrators can provoke each answer. */
import { lockedStatus, type MemberStatus } from '@lobbykey/contract'
import type { MerchantSettings } from '../store/store.ts'
import { sampleMember, sampleMerchant, sampleMerchantSettings, sampleSeller } from './sample-partners.ts'

export interface MerchantFixture {
  readonly agentId: string
  /** Result of the sample member's login through it. */
  readonly result: string
  readonly settings: Partial<MerchantSettings>
  readonly isDisabled?: true
}

/** All have the sample merchant's key, its other settings, and the sample member. */
export const merchantFixtures: readonly MerchantFixture[] = [
  { agentId: 'disabled', result: '700101, as for an unknown merchant', settings: {}, isDisabled: true },
  { agentId: 'foreignip', result: '408003: only 192.0.2.1 may call', settings: { allow: ['192.0.2.1'] } },
  { agentId: 'ratelimited', result: '408004 from the third request within a second', settings: { ratePerSecond: 1 } },
  { agentId: 'usdonly', result: '700208 with any currency but USD', settings: { currencies: ['USD'] } },
  { agentId: 'hmac001', result: '200 with an HMAC-SHA256 signature, 600100 with MD5', settings: { algorithm: 'hmac-sha256' } },
  { agentId: 'signedcallback', result: '200 when the signature covers callback', settings: { callback: 'signed' } },
  { agentId: 'autocreate', result: '200 for any member: the first login creates it', settings: { autoCreateMembers: true } },
]

export interface MemberFixture {
  readonly userId: string
  readonly result: string
  readonly status: MemberStatus
}

/** Members of the sample merchant. */
export const memberFixtures: readonly MemberFixture[] = [
  { userId: 'locked01', result: '700108: the member is locked', status: lockedStatus },
  { userId: 'lockbet01', result: '200: the member may log in, but not bet', status: 'LockBet' },
]

export interface SellerFixture {
  readonly email: string
  readonly result: string
  readonly state: 'disabled' | 'locked'
}

/** All have the sample seller's password. */
export const sellerFixtures: readonly SellerFixture[] = [
  { email: 'disabled@example.com', result: '10006, as for a wrong password', state: 'disabled' },
  { email: 'locked@example.com', result: '10006, as for a wrong password', state: 'locked' },
]

export function fixtureSettings(origin: string, { settings }: MerchantFixture): MerchantSettings {
  return { ...sampleMerchantSettings(origin), ...settings }
}

/** Their descriptions on the banner and the start page: who, and the result of their login. */
export function fixtureFacts(): readonly (readonly [who: string, what: string])[] {
  return [
    ...merchantFixtures.map(({ agentId, result }) => [`agent_id ${agentId}`, result] as const),
    ...memberFixtures.map(({ userId, result }) => [`user_id ${userId}`, result] as const),
    ['user_id unknown01', '700103: there is no such member'],
    [`user_id ${sampleMember.userId}`, "700102 when created again; 700106 with another member's token"],
    ...sellerFixtures.map(({ email, result }) => [email, result] as const),
    [sampleSeller.email, '10007 after five consecutive wrong passwords'],
  ]
}

export const fixturesTitle = 'To try'

/** Stands above the list. */
export const fixturesHint = `Every merchant has the key ${sampleMerchant.key}, every seller the password ${sampleSeller.password}.`

/** Stands below the list. */
export const faultsHint =
  'The request header X-Sandbox-Fault, or /fault/… in the base URL, makes a call fail: fail=store_unavailable, fail=502, delay=2000, cut, or several, comma-separated.'

/** The same for the reference. */
export function fixtureNotes(): string {
  return [`## ${fixturesTitle}`, '', ...fixtureLines()].join('\n')
}

/** As Markdown. */
export function fixtureLines(): string[] {
  return [
    fixturesHint,
    '',
    '| a login with | is answered |',
    '| --- | --- |',
    ...fixtureFacts().map(([who, what]) => `| ${who} | ${what} |`),
    '',
    faultsHint,
  ]
}
