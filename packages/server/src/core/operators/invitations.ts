import { createHmac } from 'node:crypto'
import { GatewayError, parameterError, printable, verifyField } from '@lobbykey/contract'
import { operatorName, type Right, type Role, roles } from '@lobbykey/contract/admin'
import type { EventInput, EventOrigin, InvitationRecord, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { digest } from '../base/digest.ts'
import { emailLengthMax, normalizeEmail } from '../base/email-address.ts'
import { randomId, randomText } from '../base/random.ts'
import { identityOf, type TokenIdentity } from './api-tokens.ts'
import { OperatorAdmin, verifyMerchantRestriction } from './operator-admin.ts'
import { readActor } from './visitor.ts'

/** How long a link stays valid, ms (check 9). */
const invitationMs = 3_600_000

export interface InvitationOptions {
  readonly store: Pick<Store, 'invitations' | 'operators'>
  readonly clock: Clock
  readonly origin: EventOrigin
  /** The admin listener's URL, as browsers know it. */
  readonly adminUrl: string
}

export interface MadeInvitation {
  readonly record: InvitationRecord
  /** Shown only here. Its secret is in the fragment, which browsers do not send. */
  readonly link: string
}

/** One-time links that set up a new account, or new credentials for an existing one. */
export class Invitations {
  readonly #options: InvitationOptions

  constructor(options: InvitationOptions) {
    this.#options = options
  }

  /** @param giver the inviter's rights, which the new role must not exceed. @throws GatewayError invalid_parameter, already_exists, forbidden */
  async add(
    wanted: { readonly email: string; readonly name: string; readonly role: Role; readonly agentIds: readonly string[] | null },
    giver: ReadonlySet<Right>,
  ): Promise<MadeInvitation> {
    const email = normalizeEmail(wanted.email)
    if (email === null) throw parameterError('email', `must be one e-mail address of at most ${emailLengthMax} characters`)
    verifyField('name', operatorName, wanted.name)
    verifyMerchantRestriction(wanted)
    const beyond = roles[wanted.role].rights.find((right) => !giver.has(right))
    if (beyond !== undefined)
      throw new GatewayError('forbidden', { message: `the role has the right ${beyond}, which is not yours to give` })
    return this.#make({ ...wanted, email, operatorId: randomId(), isReset: false })
  }

  /** For an existing account, whose credentials and single sign-on end when the link is used. @throws GatewayError not_found, conflict */
  async reset(operatorId: string, giver: ReadonlySet<Right>): Promise<MadeInvitation> {
    const { store, clock, origin } = this.#options
    const { email, name, role, agentIds, status, sso } = await new OperatorAdmin({ store: store.operators, clock, origin }).get(operatorId)
    if (status !== 'enabled') throw new GatewayError('conflict', { message: `${email} is disabled; enable the account first` })
    const beyond = roles[role].rights.find((right) => !giver.has(right))
    if (beyond !== undefined) throw new GatewayError('forbidden', { message: `${email} has the right ${beyond}, which you do not have` })
    return this.#make({ email, name, role, agentIds, operatorId, isReset: true }, sso === null ? {} : { endsSso: true })
  }

  /** Newest first. */
  list(page: { readonly limit: number; readonly afterId?: string | undefined }): Promise<InvitationRecord[]> {
    return this.#options.store.invitations.list(page)
  }

  /** @throws GatewayError not_found */
  async revoke(id: string): Promise<void> {
    const { store, clock, origin } = this.#options
    const now = clock.now()
    if (!(await store.invitations.revoke(id, now, { at: now, kind: 'invitation.revoked', ...origin, subject: id }))) {
      throw new GatewayError('not_found', { message: `there is no invitation ${printable(id)} that is open` })
    }
  }

  async #make(
    account: Pick<InvitationRecord, 'email' | 'name' | 'role' | 'agentIds' | 'operatorId' | 'isReset'>,
    more: { readonly endsSso?: boolean } = {},
  ): Promise<MadeInvitation> {
    const { store, clock, origin, adminUrl } = this.#options
    const now = clock.now()
    const secret = randomText(32)
    const record: InvitationRecord = {
      ...account,
      id: `${now.toString(36).padStart(9, '0')}-${randomId()}`,
      tokenHash: digest('sha256', secret),
      invitedBy: origin.actor ?? origin.surface,
      createdAt: now,
      expiresAt: now + invitationMs,
      usedAt: null,
      revokedAt: null,
    }
    const { email, role, agentIds, operatorId, isReset } = account
    const details = { email, role, agentIds, operatorId, isReset, ...more }
    const event: EventInput = { at: now, kind: 'invitation.added', ...origin, subject: record.id, details }
    if ((await store.invitations.add(record, event)) === 'exists') {
      throw new GatewayError('already_exists', {
        message: `operator ${email} already exists; to replace its credentials, use operator.reset`,
      })
    }
    return { record, link: `${adminUrl}/sign-in#${secret}` }
  }
}

/** The invitation that a link belongs to. @throws GatewayError invitation_over */
export async function findInvitation(
  store: Pick<Store, 'invitations' | 'operators' | 'apiTokens'>,
  link: string,
  now: number,
): Promise<InvitationRecord> {
  const found = await store.invitations.find(digest('sha256', link))
  if (found === null || invitationState(found, now) !== 'open' || !(await isStillGiven(store, found)))
    throw new GatewayError('invitation_over')
  return found
}

/**
 * Whether the inviter may still give the role that the link opens now: the account is enabled, not restricted to merchants, and has its rights; so has the
 * API token that invited, which is not revoked.
 */
async function isStillGiven(store: Pick<Store, 'operators' | 'apiTokens'>, invitation: InvitationRecord): Promise<boolean> {
  const maker = await findMaker(store, invitation)
  if (maker === null) return true
  // An account that is reset may have risen since.
  const opened = invitation.isReset ? await store.operators.find(invitation.operatorId) : invitation
  if (maker === 'gone' || opened === null || maker.operator.status !== 'enabled') return false
  return maker.agentIds === null && roles[opened.role].rights.every((right) => maker.rights.has(right))
}

/** Who made an invitation, with the rights and merchants of now; null for whoever works beside the store; `gone` for a revoked token. */
async function findMaker(
  store: Pick<Store, 'operators' | 'apiTokens'>,
  { invitedBy }: InvitationRecord,
): Promise<Pick<TokenIdentity, 'operator' | 'rights' | 'agentIds'> | 'gone' | null> {
  const { kind, id } = readActor(invitedBy)
  if (kind === 'token') {
    const used = await store.apiTokens.find(id)
    return used === null || used.token.revokedAt !== null ? 'gone' : identityOf(used.token, used.operator)
  }
  if (kind !== 'operator') return null
  const operator = await store.operators.find(id)
  return operator === null ? 'gone' : { operator, rights: new Set<Right>(roles[operator.role].rights), agentIds: operator.agentIds }
}

/**
 * The operators behind an account: whoever made the link by which it got its credentials, if it was used after `since` (ms), and so on. Whoever makes a
 * link may use it, so these may all be one person.
 */
export async function operatorsBehind(
  store: Pick<Store, 'invitations' | 'apiTokens'>,
  operatorId: string,
  since: number,
): Promise<ReadonlySet<string>> {
  const behind = new Set<string>()
  for (let at: string | undefined = operatorId; at !== undefined && !behind.has(at); ) {
    behind.add(at)
    const used: InvitationRecord | null = await store.invitations.findUsed(at)
    if (used === null || (used.usedAt ?? 0) <= since) break
    const { kind, id } = readActor(used.invitedBy)
    at = kind === 'token' ? (await store.apiTokens.find(id))?.operator.id : kind === 'operator' ? id : undefined
  }
  return behind
}

export function invitationState({ usedAt, revokedAt, expiresAt }: InvitationRecord, now: number): 'open' | 'used' | 'revoked' | 'expired' {
  if (usedAt !== null) return 'used'
  if (revokedAt !== null) return 'revoked'
  return expiresAt <= now ? 'expired' : 'open'
}

/** The TOTP secret of an invitation. Derived, so that nothing is stored before acceptance; chosen by the server, not by the invitee. */
export function enrolmentSecret(serverSecret: Uint8Array, link: string, byteCount: number): Uint8Array {
  return createHmac('sha256', serverSecret).update(`totp\n${link}`).digest().subarray(0, byteCount)
}
