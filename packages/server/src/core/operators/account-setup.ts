import { GatewayError, parameterError } from '@lobbykey/contract'
import type { InvitationRecord, NewCredentials, OperatorRecord, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { LoginThrottle } from '../passwords/login-throttle.ts'
import { verifyNewPassword } from '../passwords/password-policy.ts'
import type { ConsoleSessions, OpenedSession } from './console-sessions.ts'
import { enrolmentSecret, findInvitation } from './invitations.ts'
import type { Passkeys } from './passkeys.ts'
import { confirmCounter, type PasswordSignIn } from './password-sign-in.ts'
import { makeRecoveryCodes } from './recovery-codes.ts'
import type { SecondFactor } from './second-factor.ts'
import { findTotpStep, totpEnrolment, totpSecretBytes } from './totp.ts'
import { accountEvent, type Visitor } from './visitor.ts'

export interface AccountSetupOptions {
  readonly store: Pick<Store, 'invitations' | 'operators' | 'apiTokens'>
  readonly clock: Clock
  readonly sessions: ConsoleSessions
  readonly passwords: PasswordSignIn
  readonly secondFactor: SecondFactor
  readonly throttle: LoginThrottle
  readonly passkeys: Passkeys
  /** Derives the secrets that authenticator apps get. */
  readonly enrolmentSecret: Uint8Array
}

export interface AcceptedInvitation extends OpenedSession {
  readonly operator: OperatorRecord
  /** Shown only once. */
  readonly recoveryCodes: readonly string[]
}

/** Accepts an invitation: shows it, then sets up the account's credentials, once. */
export class AccountSetup {
  readonly #options: AccountSetupOptions

  constructor(options: AccountSetupOptions) {
    this.#options = options
  }

  /** @throws GatewayError invitation_over */
  async show(link: string): Promise<{
    readonly invitation: InvitationRecord
    readonly totp: { readonly secret: string; readonly uri: string }
    readonly passkey: Awaited<ReturnType<Passkeys['creationOptions']>>
  }> {
    const { store, clock } = this.#options
    const invitation = await findInvitation(store, link, clock.now())
    return {
      invitation,
      totp: totpEnrolment(this.#totpSecret(link), invitation.email),
      passkey: await this.#options.passkeys.creationOptions(invitation),
    }
  }

  /** Sets up a password and an authenticator app. @throws GatewayError invitation_over, invalid_parameter, login_busy; the signal's reason */
  async acceptWithPassword(
    fields: { readonly link: string; readonly password: string; readonly code: string },
    visitor: Visitor,
  ): Promise<AcceptedInvitation> {
    const { store, clock, passwords, secondFactor } = this.#options
    const invitation = await findInvitation(store, fields.link, clock.now())
    const secret = this.#totpSecret(fields.link)
    const totpStep = findTotpStep(secret, fields.code, clock.now())
    if (totpStep === null) throw parameterError('code', 'is not what the app shows now for this secret; see to it that its clock is right')
    // Checked before the link is used up, so that a rejected password can be replaced.
    const password = await verifyNewPassword('password', fields.password, invitation.email)
    const passwordHash = await passwords.hashOfProven(password, visitor)
    const { codes, hashes } = makeRecoveryCodes()
    const sealedTotp = secondFactor.seal(invitation.operatorId, secret)
    const credentials = { password: { passwordHash, sealedTotp, totpStep, recoveryCodeHashes: hashes } }
    return { ...(await this.#accept(fields.link, credentials, visitor)), recoveryCodes: codes }
  }

  /** Sets up a passkey. @throws GatewayError invitation_over, invalid_parameter */
  async acceptWithPasskey(
    fields: { readonly link: string; readonly response: object; readonly name?: string | undefined },
    visitor: Visitor,
  ): Promise<AcceptedInvitation> {
    const { store, clock, passkeys } = this.#options
    const invitation = await findInvitation(store, fields.link, clock.now())
    const passkey = await passkeys.read(invitation.operatorId, fields.response, fields.name)
    return { ...(await this.#accept(fields.link, { passkey }, visitor)), recoveryCodes: [] }
  }

  async #accept(link: string, credentials: NewCredentials, visitor: Visitor): Promise<Omit<AcceptedInvitation, 'recoveryCodes'>> {
    const { store, clock, sessions, throttle } = this.#options
    const now = clock.now()
    // Again: hashing took a while, in which the inviter may have lost the right (check 87).
    const invitation = await findInvitation(store, link, now)
    const { operatorId, tokenHash, email, isReset, id } = invitation
    const opened = sessions.make({ id: operatorId, role: invitation.role }, 'invitation', visitor)
    const kind = isReset ? 'operator.reset' : 'operator.added'
    const { role, agentIds } = invitation
    const event = accountEvent(kind, operatorId, now, visitor, { email, role, agentIds, invitationId: id, sessionId: opened.session.id })
    const outcome = await store.invitations.accept({ tokenHash, credentials, session: opened.session, now, event })
    if (outcome !== 'accepted') throw new GatewayError('invitation_over')
    for (const counter of [email, confirmCounter(operatorId)])
      await throttle.unlock(counter, visitor.address === null ? [] : [visitor.address])
    const operator = await store.operators.find(operatorId)
    if (operator === null) throw new GatewayError('not_signed_in')
    return { ...opened, operator }
  }

  #totpSecret(link: string): Uint8Array {
    return enrolmentSecret(this.#options.enrolmentSecret, link, totpSecretBytes)
  }
}
