import { GatewayError } from '@lobbykey/contract'
import type { SsoPurpose } from '@lobbykey/contract/admin'
import type {
  ConsoleSessionStore,
  EventStore,
  OperatorRecord,
  OperatorSsoStore,
  OperatorStore,
  SignInProof,
  SsoIdentity,
} from '../../../store/store.ts'
import type { Clock } from '../../base/clock.ts'
import { digest } from '../../base/digest.ts'
import { randomId, randomText } from '../../base/random.ts'
import { SealError, type Sealer } from '../../base/sealer.ts'
import type { ConsoleSessions, OpenedSession, SessionIdentity } from '../console-sessions.ts'
import { accountEvent, originOf, type Visitor } from '../visitor.ts'
import { accessOf, isFreshSignIn, isSubject, profileOf, type SsoRules } from './sso-claims.ts'
import { InteractionRequired, type ProviderAnswer, type SsoBinding, type SsoProvider } from './sso-provider.ts'
import { SsoRefusals } from './sso-refusals.ts'
import type { SsoVouching } from './sso-vouching.ts'

/** How long somebody may take at the provider, ms. */
export const ssoFlowMs = 600_000

export interface SsoSignInOptions {
  readonly store: {
    readonly operators: OperatorStore
    readonly operatorSso: OperatorSsoStore
    readonly consoleSessions: Pick<ConsoleSessionStore, 'confirm'>
    readonly events: Pick<EventStore, 'append'>
  }
  readonly sealer: Sealer
  readonly clock: Clock
  readonly provider: SsoProvider
  readonly rules: SsoRules
  readonly vouching: SsoVouching
  readonly sessions: ConsoleSessions
  /** Shown on the button. */
  readonly label: string
  /** Whether signing in at the provider again counts as a second factor. */
  readonly confirmsByProvider: boolean
}

/** What the browser keeps meanwhile, sealed, so that nothing is stored for somebody who has not signed in. */
interface Flow extends SsoBinding {
  readonly purpose: SsoPurpose
  readonly to: string | null
  readonly beganAt: number
  /** The session that asked; null for a sign-in. */
  readonly sessionId: string | null
}

export interface FinishedFlow {
  readonly purpose: SsoPurpose
  readonly to: string | null
  /** Null unless it was a sign-in. */
  readonly opened: OpenedSession | null
  readonly operator: OperatorRecord
  /** When the session was confirmed by this, ms; null if it was not. */
  readonly confirmedAt: number | null
}

/** Signs operators in by single sign-on: sends the browser to the provider, and reads what it comes back with. */
export class SsoSignIn {
  readonly #options: SsoSignInOptions
  readonly #refusals: SsoRefusals

  constructor(options: SsoSignInOptions) {
    this.#options = options
    this.#refusals = new SsoRefusals({ events: options.store.events, clock: options.clock })
  }

  get label(): string {
    return this.#options.label
  }

  get confirmsByProvider(): boolean {
    return this.#options.confirmsByProvider
  }

  /**
   * @param identity who is signed in, for all but a sign-in
   * @returns where to send the browser, and what it must keep. @throws GatewayError sso_unavailable, conflict
   */
  async start(
    { purpose, to = null }: { readonly purpose: SsoPurpose; readonly to?: string | null | undefined },
    identity: SessionIdentity | null,
  ): Promise<{ readonly url: string; readonly kept: string }> {
    const { provider, sealer, clock, confirmsByProvider } = this.#options
    if (identity !== null) verifyPurpose(purpose, identity, confirmsByProvider)
    const beganAt = clock.now()
    const binding = { state: randomText(32), nonce: randomText(32), verifier: randomText(32) }
    const flow: Flow = { ...binding, purpose, to, beganAt, sessionId: identity?.session.id ?? null }
    const url = await provider.authorizationUrl(binding, { ...parametersOf[purpose], ...hintOf(purpose, identity) })
    return { url, kept: Buffer.from(sealer.seal(Buffer.from(JSON.stringify(flow)), flowPurpose)).toString('base64url') }
  }

  /**
   * @param query what the provider sent the browser back with
   * @param kept what the browser kept; null when it has nothing, as one that did not begin it
   * @param identify who is signed in; not asked for a sign-in
   * @throws GatewayError sso_failed, sso_unavailable, sso_no_role, sso_disabled, sso_email_taken, sso_other_account, sso_check_due, conflict,
   * operator_address_refused, not_signed_in
   */
  async finish(query: string, kept: string | null, identify: () => Promise<SessionIdentity>, visitor: Visitor): Promise<FinishedFlow> {
    const flow = this.#open(kept)
    const identity = flow.purpose === 'sign-in' ? null : await identify()
    if (identity?.session.id !== (flow.sessionId ?? undefined)) throw new GatewayError('sso_other_account')
    const answer = await this.#exchange(query, flow)
    const { purpose, to } = flow
    if (identity === null) return { purpose, to, ...(await this.#signIn(answer, flow, visitor)) }
    if (purpose === 'link') return { purpose, to, opened: null, confirmedAt: null, operator: await this.#link(answer, identity, visitor) }
    return { purpose, to, opened: null, ...(await this.#vouchAgain(answer, flow, identity, visitor)) }
  }

  /** @throws GatewayError sso_failed */
  #open(kept: string | null): Flow {
    try {
      const flow = JSON.parse(Buffer.from(this.#options.sealer.open(Buffer.from(kept ?? '', 'base64url'), flowPurpose)).toString()) as Flow
      if (Math.abs(this.#options.clock.now() - flow.beganAt) < ssoFlowMs) return flow
    } catch (error) {
      if (!(error instanceof SealError)) throw error
    }
    throw new GatewayError('sso_failed')
  }

  async #exchange(query: string, flow: Flow): Promise<ProviderAnswer> {
    try {
      const answer = await this.#options.provider.exchange(query, flow)
      if (!isSubject(answer.subject))
        throw new GatewayError('sso_failed', { message: 'the provider identifies you by an unusable subject' })
      return answer
    } catch (error) {
      if (!(error instanceof InteractionRequired)) throw error
      throw new GatewayError('sso_check_due', { message: 'sign in at the provider again' })
    }
  }

  async #signIn(answer: ProviderAnswer, flow: Flow, visitor: Visitor): Promise<Pick<FinishedFlow, 'opened' | 'operator' | 'confirmedAt'>> {
    const { store, vouching, sessions, confirmsByProvider } = this.#options
    const identity = this.#identityOf(answer)
    const known = await store.operatorSso.findByIdentity(identity)
    if (known !== null && known.status !== 'enabled') {
      await this.#refusals.record(known.id, 'disabled', { ...originOf(known.id, visitor), subject: known.id, details: { ...identity } })
      throw new GatewayError('sso_disabled')
    }
    const account = known ?? (await this.#add(answer, identity, visitor))
    const operator = await vouching.apply(account, identity, answer).catch(async (error: unknown) => {
      if (error instanceof GatewayError && error.key === 'sso_no_role') {
        await this.#refusals.record(account.id, 'no_role', {
          ...originOf(account.id, visitor),
          subject: account.id,
          details: { ...identity },
        })
      }
      throw error
    })
    const isConfirmed = confirmsByProvider && isFreshSignIn(answer, flow.beganAt)
    const opened = await sessions.open(operator, 'sso', proofOf(flow), visitor, isConfirmed)
    if (opened === null) throw new GatewayError('sso_failed')
    return { opened, operator, confirmedAt: opened.session.confirmedAt }
  }

  /** Somebody's first sign-in makes the account. Never by e-mail: the provider may give an e-mail to somebody else, or let people choose it. */
  async #add(answer: ProviderAnswer, identity: SsoIdentity, visitor: Visitor): Promise<OperatorRecord> {
    const { store, clock, rules } = this.#options
    const refuse = async (key: 'sso_no_role' | 'sso_email_taken' | 'sso_failed', reason: string, message?: string) => {
      const { address, requestId } = visitor
      const origin = { surface: 'console', actor: `sso:${identity.subject}`, address: address ?? undefined, requestId } as const
      await this.#refusals.record(identity.subject, reason, { ...origin, details: { ...identity } })
      return new GatewayError(key, message === undefined ? {} : { message })
    }
    const access = accessOf(answer, rules)
    if (access === null) throw await refuse('sso_no_role', 'no_role')
    const profile = profileOf(answer)
    if (profile === null)
      throw await refuse('sso_failed', 'no_email', 'the provider gives no verified e-mail for you: OPERATOR_SSO_SCOPES needs email')
    const now = clock.now()
    const times = { createdAt: now, updatedAt: now }
    const sso = { ...identity, vouchedAt: null }
    const operator: OperatorRecord = { id: randomId(), ...profile, ...access, status: 'enabled', sso, ...times }
    const event = accountEvent('operator.added', operator.id, now, visitor, { email: profile.email, ...access, ...identity })
    const outcome = await store.operatorSso.add(operator, event)
    if (outcome === 'exists') throw await refuse('sso_email_taken', 'email_taken')
    if (outcome === 'added') return operator
    const other = await store.operatorSso.findByIdentity(identity)
    if (other === null) throw new GatewayError('sso_failed')
    return other
  }

  async #link(answer: ProviderAnswer, { operator }: SessionIdentity, visitor: Visitor): Promise<OperatorRecord> {
    const { store, vouching, clock, rules } = this.#options
    const identity = this.#identityOf(answer)
    if (accessOf(answer, rules) === null) throw new GatewayError('sso_no_role')
    const event = accountEvent('operator.sso_linked', operator.id, clock.now(), visitor, { ...identity })
    switch (await store.operatorSso.link(operator.id, identity, event)) {
      case 'taken':
        throw new GatewayError('sso_other_account')
      case 'last-owner':
        throw new GatewayError('conflict', {
          message:
            'you are the last owner with credentials of its own, which the server needs when the provider is away; make another one first',
        })
      case 'not-found':
        throw new GatewayError('conflict', { message: 'this account uses single sign-on already' })
      case 'linked':
        return vouching.apply(operator, identity, answer)
    }
  }

  async #vouchAgain(
    answer: ProviderAnswer,
    flow: Flow,
    { operator, session }: SessionIdentity,
    visitor: Visitor,
  ): Promise<Pick<FinishedFlow, 'operator' | 'confirmedAt'>> {
    const { store, vouching, clock } = this.#options
    const identity = this.#identityOf(answer)
    if (operator.sso?.issuer !== identity.issuer || operator.sso.subject !== identity.subject) throw new GatewayError('sso_other_account')
    const now = clock.now()
    const vouched = await vouching.apply(operator, identity, answer)
    if (flow.purpose === 'check') return { operator: vouched, confirmedAt: session.confirmedAt }
    if (!isFreshSignIn(answer, flow.beganAt)) {
      throw new GatewayError('sso_failed', {
        message: 'the provider does not say that you have just signed in, so this is no confirmation',
      })
    }
    const event = accountEvent('operator.confirmed', operator.id, now, visitor, { sessionId: session.id, by: 'sso' })
    if (!(await store.consoleSessions.confirm(session, proofOf(flow), now, event))) throw new GatewayError('sso_failed')
    return { operator: vouched, confirmedAt: now }
  }

  #identityOf({ subject }: ProviderAnswer): SsoIdentity {
    return { issuer: this.#options.provider.issuer, subject }
  }
}

const flowPurpose = 'operator-sso-flow'

/** What the provider is asked for beside the account. */
const parametersOf: Readonly<Record<SsoPurpose, Readonly<Record<string, string>>>> = {
  'sign-in': {},
  check: { prompt: 'none' },
  confirm: { prompt: 'login', max_age: '0' },
  link: { prompt: 'login' },
}

/** @throws GatewayError conflict */
function verifyPurpose(purpose: SsoPurpose, { operator: { sso } }: SessionIdentity, confirmsByProvider: boolean): void {
  if (purpose === 'link') {
    if (sso !== null) throw new GatewayError('conflict', { message: 'this account uses single sign-on already' })
    return
  }
  if (sso === null) throw new GatewayError('conflict', { message: 'this account does not use single sign-on' })
  if (purpose === 'confirm' && !confirmsByProvider) {
    throw new GatewayError('conflict', { message: 'confirm with a passkey: OPERATOR_SSO_CONFIRM does not trust the provider for it' })
  }
}

/** Whom to ask for, so that somebody with several accounts at the provider need not choose. */
function hintOf(purpose: SsoPurpose, identity: SessionIdentity | null): Readonly<Record<string, string>> {
  return identity === null || purpose === 'link' ? {} : { login_hint: identity.operator.email }
}

function proofOf({ state, beganAt }: Flow): SignInProof {
  return { kind: 'sso', answerHash: digest('sha256', state), answerExpiresAt: beganAt + 2 * ssoFlowMs }
}
