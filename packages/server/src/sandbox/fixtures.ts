/** Partners named after what happens to them, so that integrators can provoke each answer. */
import { lockedStatus, type MemberStatus } from '@lobbykey/contract'
import type { MerchantSettings } from '../store/store.ts'
import { sampleMember, sampleMerchant, sampleMerchantSettings, sampleSeller } from './sample-partners.ts'

export interface MerchantFixture {
  readonly agentId: string
  /** Result of the sample member's login through it. */
  readonly comesTo: string
  readonly settings: Partial<MerchantSettings>
  readonly isDisabled?: true
}

/** All have the sample merchant's key, its other settings, and the sample member. */
export const merchantFixtures: readonly MerchantFixture[] = [
  { agentId: 'disabled', comesTo: '700101, as for one that is not there', settings: {}, isDisabled: true },
  { agentId: 'foreignip', comesTo: '408003: only 192.0.2.1 may call', settings: { allow: ['192.0.2.1'] } },
  { agentId: 'ratelimited', comesTo: '408004 from the third in a second on', settings: { ratePerSecond: 1 } },
  { agentId: 'usdonly', comesTo: '700208 with another currency than USD', settings: { currencies: ['USD'] } },
  { agentId: 'hmac001', comesTo: '200 when signed with HMAC-SHA256, 600100 with MD5', settings: { algorithm: 'hmac-sha256' } },
  { agentId: 'signedcallback', comesTo: '200 when callback is signed too', settings: { callback: 'signed' } },
  { agentId: 'autocreate', comesTo: '200 for any member, made by its first login', settings: { autoCreateMembers: true } },
]

export interface MemberFixture {
  readonly userId: string
  readonly comesTo: string
  readonly status: MemberStatus
}

/** Members of the sample merchant. */
export const memberFixtures: readonly MemberFixture[] = [
  { userId: 'locked01', comesTo: '700108', status: lockedStatus },
  { userId: 'lockbet01', comesTo: '200: it may log in, but not bet', status: 'LockBet' },
]

export interface SellerFixture {
  readonly email: string
  readonly comesTo: string
  readonly state: 'disabled' | 'locked'
}

/** All have the sample seller's password. */
export const sellerFixtures: readonly SellerFixture[] = [
  { email: 'disabled@example.com', comesTo: '10006, as with a wrong password', state: 'disabled' },
  { email: 'locked@example.com', comesTo: '10006, as with a wrong password', state: 'locked' },
]

export function fixtureSettings(origin: string, { settings }: MerchantFixture): MerchantSettings {
  return { ...sampleMerchantSettings(origin), ...settings }
}

/** Their descriptions on the banner and the start page: who, and the result of their login. */
export function fixtureFacts(): readonly (readonly [who: string, what: string])[] {
  return [
    ...merchantFixtures.map(({ agentId, comesTo }) => [`agent_id ${agentId}`, comesTo] as const),
    ...memberFixtures.map(({ userId, comesTo }) => [`user_id ${userId}`, comesTo] as const),
    ['user_id unknown01', '700103'],
    [`user_id ${sampleMember.userId}`, '700102 when it is created again; 700106 with a token of another member'],
    ...sellerFixtures.map(({ email, comesTo }) => [email, comesTo] as const),
    [sampleSeller.email, '10007 after five wrong passwords in a row'],
    ['X-Sandbox-Fault', 'a request header: fail=store_unavailable, fail=502, delay=2000, cut, or several, comma-separated'],
  ]
}

/** Heading of the list. */
export const fixturesTitle = `To try (key ${sampleMerchant.key}, password ${sampleSeller.password})`

/** The same for the reference. */
export function fixtureNotes(): string {
  return [`## ${fixturesTitle}`, '', ...fixtureRows()].join('\n')
}

export function fixtureRows(): string[] {
  return ['| who | what a login comes to |', '| --- | --- |', ...fixtureFacts().map(([who, what]) => `| ${who} | ${what} |`)]
}
