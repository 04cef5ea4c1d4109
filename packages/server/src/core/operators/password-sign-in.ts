import { GatewayError, parameterError, passwordBytesMax } from '@lobbykey/contract'
import type { ConsoleSessionStore, OperatorAccountStore, OperatorCredentials, OperatorRecord, SignInProof } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { emailLengthMax, normalizeEmail } from '../base/email-address.ts'
import type { LoginThrottle } from '../passwords/login-throttle.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import type { PasswordLane, Place } from '../passwords/password-lane.ts'
import { preparePassword, verifyNewPassword } from '../passwords/password-policy.ts'
import { tryPassword } from '../passwords/try-password.ts'
import type { ConsoleSessions, OpenedSession, SessionIdentity } from './console-sessions.ts'
import type { SecondFactor } from './second-factor.ts'
import { accountEvent, type Visitor } from './visitor.ts'

export interface PasswordSignInOptions {
  readonly accounts: OperatorAccountStore
  readonly sessionStore: Pick<ConsoleSessionStore, 'confirm'>
  readonly sessions: ConsoleSessions
  readonly secondFactor: SecondFactor
  readonly clock: Clock
  readonly hasher: PasswordHasher
  readonly lane: PasswordLane
  readonly throttle: LoginThrottle
}

const noCredentials: OperatorCredentials = { passwordHash: null, sealedTotp: null, recoveryCodesLeft: 0, updatedAt: 0 }

type Account = { readonly operator: OperatorRecord; readonly credentials: OperatorCredentials }

/**
 * Checks passwords and codes of operators, through the sellers' hashing lane and a throttle of their own. A password alone opens nothing. Unknown
 * e-mail, wrong password, wrong or used code, disabled and locked account do the same work and give the same error (check 7).
 */
export class PasswordSignIn {
  readonly #options: PasswordSignInOptions

  constructor(options: PasswordSignInOptions) {
    this.#options = options
  }

  /** @throws GatewayError invalid_parameter, throttled, login_busy, sign_in_refused; the signal's reason after a disconnect */
  async signIn(
    fields: { readonly email: string; readonly password: string; readonly code: string },
    visitor: Visitor,
  ): Promise<OpenedSession> {
    const { accounts, throttle, hasher } = this.#options
    const email = normalizeEmail(fields.email)
    if (email === null) throw parameterError('email', `must be one e-mail address of at most ${emailLengthMax} characters`)
    const password = readPassword('password', fields.password)
    const address = visitor.address ?? 'unknown'
    const { account, isKnownAddress } = await accounts.findForSignIn({ email, addressKey: throttle.addressKey(address) })
    // Always before the password check, so that timing does not reveal a right password with a wrong code.
    const proof = await this.#options.secondFactor.prove(account?.operator.id ?? '', account?.credentials ?? noCredentials, fields.code)
    const passwordHash = account?.credentials.passwordHash ?? hasher.decoyHash
    return this.#try({ email, address, isKnownAddress }, visitor, { passwordHash, password, isProven: false }, async (place) =>
      account === null || proof === null ? null : this.#open(account, password, proof, visitor, place),
    )
  }

  /**
   * Records that the second factor was given again. Wrong codes are counted separately from sign-ins, so that a stolen session cannot lock the
   * account.
   *
   * @throws GatewayError sign_in_refused, throttled
   */
  async confirm({ operator, session }: SessionIdentity, code: string | undefined, visitor: Visitor): Promise<number> {
    const { accounts, secondFactor, sessionStore, clock, throttle, lane } = this.#options
    if (session.method === 'sandbox') return this.#confirmByClick({ operator, session }, visitor)
    if (code === undefined) throw parameterError('code', 'is required')
    const attempt = { email: confirmCounter(operator.id), address: visitor.address ?? 'unknown', isKnownAddress: false }
    const loginTry = await throttle.begin(attempt)
    try {
      await loginTry.admit(lane.patience(visitor.signal))
      const proof = await secondFactor.prove(operator.id, await accounts.findCredentials(operator.id), code)
      const now = clock.now()
      const event = accountEvent('operator.confirmed', operator.id, now, visitor, { sessionId: session.id })
      const isGood = proof?.kind === 'totp' && !loginTry.isLocked
      if (!isGood || !(await sessionStore.confirm(session, proof, now, event))) {
        await loginTry.fail()
        throw new GatewayError('sign_in_refused')
      }
      await loginTry.succeed()
      return now
    } finally {
      loginTry.release()
    }
  }

  async #confirmByClick({ operator, session }: SessionIdentity, visitor: Visitor): Promise<number> {
    const now = this.#options.clock.now()
    const event = accountEvent('operator.confirmed', operator.id, now, visitor, { sessionId: session.id })
    if (!(await this.#options.sessionStore.confirm(session, { kind: 'sandbox' }, now, event))) throw new GatewayError('not_signed_in')
    return now
  }

  /**
   * Ends every other session of the operator. The caller has checked that a second factor was given recently.
   *
   * @throws GatewayError invalid_parameter, conflict, throttled, login_busy, sign_in_refused; the signal's reason
   */
  async change(
    { operator, session }: SessionIdentity,
    fields: { readonly oldPassword: string; readonly newPassword: string },
    visitor: Visitor,
  ): Promise<void> {
    const { accounts, hasher, clock } = this.#options
    const credentials = await accounts.findCredentials(operator.id)
    const { passwordHash, updatedAt: expectedUpdatedAt } = credentials
    if (passwordHash === null) throw new GatewayError('conflict', { message: 'this account has no password' })
    const password = readPassword('oldPassword', fields.oldPassword)
    const next = await verifyNewPassword('newPassword', fields.newPassword, operator.email)
    const attempt = { email: operator.email, address: visitor.address ?? 'unknown', isKnownAddress: true }
    await this.#try(attempt, visitor, { passwordHash, password, isProven: true }, async (place) => {
      const now = clock.now()
      const change = {
        operatorId: operator.id,
        passwordHash: await place.run(() => hasher.hash(next)),
        expectedUpdatedAt,
        keptSessionId: session.id,
        now,
      }
      return (await accounts.setPassword(change, accountEvent('operator.password_changed', operator.id, now, visitor))) || null
    })
  }

  /** Hashes with priority, for a visitor who has shown a valid invitation. @throws GatewayError login_busy; the signal's reason */
  async hashOfProven(password: string, { address, signal }: Visitor): Promise<string> {
    const { hasher, lane, throttle } = this.#options
    const place = lane.enter({ patience: lane.patience(signal), source: throttle.addressKey(address ?? 'unknown'), isKnown: true })
    try {
      return await place.run(() => hasher.hash(password))
    } finally {
      place.leave()
    }
  }

  /** Runs `permitted` after a right password while still holding the try; its null is refused like a wrong password. */
  async #try<T>(
    attempt: { readonly email: string; readonly address: string; readonly isKnownAddress: boolean },
    { signal }: Visitor,
    { passwordHash, password, isProven }: { readonly passwordHash: string; readonly password: string; readonly isProven: boolean },
    permitted: (place: Place) => Promise<T | null>,
  ): Promise<T> {
    const { lane, hasher } = this.#options
    const request = { patience: lane.patience(signal), isProven }
    const { loginTry, place, isRight } = await tryPassword(this.#options, attempt, request, () => hasher.verify(passwordHash, password))
    try {
      if (isRight && !loginTry.isLocked) {
        place.prove()
        signal.throwIfAborted()
        const done = await permitted(place)
        if (done !== null) {
          await loginTry.succeed()
          return done
        }
      }
      await loginTry.fail()
      throw new GatewayError('sign_in_refused')
    } finally {
      loginTry.release()
      place.leave()
    }
  }

  async #open(
    { operator, credentials }: Account,
    password: string,
    proof: SignInProof,
    visitor: Visitor,
    place: Place,
  ): Promise<OpenedSession | null> {
    const { sessions, accounts, hasher } = this.#options
    const opened = await sessions.open(operator, proof.kind === 'recovery-code' ? 'recovery-code' : 'password', proof, visitor)
    const { passwordHash } = credentials
    if (opened !== null && passwordHash !== null && hasher.needsRehash(passwordHash)) {
      await accounts.replaceHash(operator.id, passwordHash, await place.run(() => hasher.hash(password)))
    }
    return opened
  }
}

/** The throttle's name for wrong codes within a session; no e-mail looks like it. */
export function confirmCounter(operatorId: string): string {
  return `confirm:${operatorId}`
}

/** @throws GatewayError invalid_parameter */
function readPassword(field: string, text: string): string {
  const password = preparePassword(text)
  if (password === null) throw parameterError(field, `must be a string of 1 to ${passwordBytesMax} bytes without NUL`)
  return password
}
