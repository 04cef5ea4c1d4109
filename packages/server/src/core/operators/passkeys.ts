import { GatewayError, parameterError } from '@lobbykey/contract'
import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import type { ConsoleSessionStore, OperatorRecord, PasskeyRecord, SignInProof, Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { AdminSite } from './admin-site.ts'
import type { Challenges } from './challenges.ts'
import { type ConsoleSessions, confirmedMs, confirmedUntil, type OpenedSession, type SessionIdentity } from './console-sessions.ts'
import { accountEvent, type Visitor } from './visitor.ts'

export interface PasskeyOptions {
  readonly store: Pick<Store, 'operatorAccounts' | 'events'>
  readonly sessionStore: Pick<ConsoleSessionStore, 'confirm'>
  readonly sessions: ConsoleSessions
  readonly challenges: Challenges
  readonly site: AdminSite
  readonly clock: Clock
}

/** The account that a new passkey is made for. */
interface Owner {
  readonly operatorId: string
  readonly email: string
  readonly name: string
}

/** Per account. */
const passkeysMax = 20

/** base64url of at most 1,023 bytes (WebAuthn, section 4). */
const credentialIdForm = /^[A-Za-z0-9_-]{1,1364}$/

/** COSE: Ed25519, P-256, RSA. Every browser supports one of them. */
const algorithms = [-8, -7, -257]

const useLibrary = () => import('@simplewebauthn/server')

/** Passkeys (WebAuthn), used to sign in and to confirm. The device verifies the user each time, so that each use counts as two factors. */
export class Passkeys {
  readonly #options: PasskeyOptions

  constructor(options: PasskeyOptions) {
    this.#options = options
  }

  /** Null when the admin listener is reached by an IP address, which no passkey can be bound to. */
  async creationOptions({ operatorId, email, name }: Owner): Promise<PublicKeyCredentialCreationOptionsJSON | null> {
    const { site, challenges, store } = this.#options
    if (site.relyingPartyId === null) return null
    const { generateRegistrationOptions } = await useLibrary()
    const there = await store.operatorAccounts.listPasskeys(operatorId)
    return generateRegistrationOptions({
      rpName: 'Lobbykey',
      rpID: site.relyingPartyId,
      userID: new Uint8Array(Buffer.from(operatorId)),
      userName: email,
      userDisplayName: name,
      challenge: challenges.make(makePurpose(operatorId)),
      excludeCredentials: there.map(({ id }) => ({ id })),
      supportedAlgorithmIDs: algorithms,
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    })
  }

  /**
   * A passkey is added after a confirmation. Who signs in by single sign-on has nothing to confirm with before the first one, and adds it within five
   * minutes of signing in at the provider.
   * @throws GatewayError confirmation_required
   */
  async verifyMayAdd({ operator, session }: SessionIdentity): Promise<void> {
    const { clock, store } = this.#options
    const now = clock.now()
    if (confirmedUntil(session, now) !== null) return
    const isFresh = operator.sso !== null && session.method === 'sso' && now < session.createdAt + confirmedMs
    if (isFresh && (await store.operatorAccounts.listPasskeys(operator.id)).length === 0) return
    if (operator.sso === null || isFresh) throw new GatewayError('confirmation_required')
    throw new GatewayError('confirmation_required', {
      message: 'confirm, or add the first passkey within five minutes of signing in: sign in again',
    })
  }

  /** For a further passkey; refuses here rather than after the user has made one. @throws GatewayError conflict */
  async additionOptions({
    operator: { id: operatorId, email, name },
  }: SessionIdentity): Promise<PublicKeyCredentialCreationOptionsJSON | null> {
    const there = await this.#options.store.operatorAccounts.listPasskeys(operatorId)
    if (there.length >= passkeysMax) throw accountIsFull()
    return this.creationOptions({ operatorId, email, name })
  }

  /** Verifies a new passkey. @param name by default its kind and the date. @throws GatewayError invalid_parameter */
  async read(operatorId: string, response: object, name: string | undefined): Promise<PasskeyRecord> {
    const { site, challenges, clock } = this.#options
    const { verifyRegistrationResponse } = await useLibrary()
    const verified = await verifyRegistrationResponse({
      response: response as RegistrationResponseJSON,
      expectedChallenge: (challenge) => challenges.isGood(challenge, makePurpose(operatorId)),
      expectedOrigin: site.url,
      expectedRPID: site.relyingPartyId ?? '',
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    }).catch(() => null)
    if (verified === null || !verified.verified) throw parameterError('response', 'is not a passkey made for this just now; try again')
    const { credential, credentialDeviceType } = verified.registrationInfo
    const { id, publicKey, counter, transports = [] } = credential
    const now = clock.now()
    const named = name ?? `${kindOf(credentialDeviceType, transports)}, ${new Date(now).toISOString().slice(0, 10)}`
    return { id, operatorId, name: named, publicKey, signCount: counter, transports, createdAt: now, lastUsedAt: null }
  }

  /** Adds a passkey to an existing account. @throws GatewayError invalid_parameter, already_exists, conflict */
  async add({ operator }: SessionIdentity, response: object, name: string | undefined, visitor: Visitor): Promise<PasskeyRecord> {
    const passkey = await this.read(operator.id, response, name)
    const event = accountEvent('operator.passkey_added', operator.id, passkey.createdAt, visitor, {
      passkeyId: passkey.id,
      name: passkey.name,
    })
    const outcome = await this.#options.store.operatorAccounts.addPasskey(passkey, passkeysMax, event)
    if (outcome === 'exists') throw new GatewayError('already_exists')
    if (outcome === 'full') throw accountIsFull()
    return passkey
  }

  /** For any visitor: the browser offers the passkeys it has. Null as for `creationOptions`. */
  async requestOptions(): Promise<PublicKeyCredentialRequestOptionsJSON | null> {
    const { site, challenges } = this.#options
    if (site.relyingPartyId === null) return null
    const { generateAuthenticationOptions } = await useLibrary()
    return generateAuthenticationOptions({
      rpID: site.relyingPartyId,
      challenge: challenges.make(showPurpose),
      userVerification: 'required',
    })
  }

  /** @throws GatewayError sign_in_refused */
  async signIn(response: object, visitor: Visitor): Promise<OpenedSession> {
    const { operator, proof } = await this.#verify(response, visitor)
    // Whoever has the passkey may know, and would otherwise look for a fault in it.
    if (operator.sso !== null) throw new GatewayError('sign_in_refused', { message: 'this account signs in by single sign-on' })
    const opened = await this.#options.sessions.open(operator, 'passkey', proof, visitor)
    if (opened === null) throw new GatewayError('sign_in_refused')
    return opened
  }

  /** Records that the second factor was given again. @throws GatewayError sign_in_refused */
  async confirm({ operator, session }: SessionIdentity, response: object, visitor: Visitor): Promise<number> {
    const { sessionStore, clock } = this.#options
    const shown = await this.#verify(response, visitor)
    const now = clock.now()
    const event = accountEvent('operator.confirmed', operator.id, now, visitor, { sessionId: session.id })
    const isOwn = shown.operator.id === operator.id
    if (!isOwn || !(await sessionStore.confirm(session, shown.proof, now, event))) throw new GatewayError('sign_in_refused')
    return now
  }

  async #verify(response: object, visitor: Visitor): Promise<{ readonly operator: OperatorRecord; readonly proof: SignInProof }> {
    const { store, site, challenges } = this.#options
    const { id } = response as { readonly id?: unknown }
    const found = typeof id === 'string' && credentialIdForm.test(id) ? await store.operatorAccounts.findPasskey(id) : null
    if (found === null || site.relyingPartyId === null) throw new GatewayError('sign_in_refused')
    const { passkey, operator } = found
    const { verifyAuthenticationResponse } = await useLibrary()
    let challenge = ''
    const verified = await verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: (text) => {
        challenge = text
        return challenges.isGood(text, showPurpose)
      },
      expectedOrigin: site.url,
      expectedRPID: site.relyingPartyId,
      // We compare the counter ourselves, so that one that went back is recorded as an event.
      credential: {
        id: passkey.id,
        publicKey: new Uint8Array(passkey.publicKey),
        counter: 0,
        transports: [...passkey.transports] as AuthenticatorTransport[],
      },
      requireUserVerification: true,
    }).catch(() => null)
    if (verified === null || !verified.verified) throw new GatewayError('sign_in_refused')
    const signCount = verified.authenticationInfo.newCounter
    if ((signCount > 0 || passkey.signCount > 0) && signCount <= passkey.signCount) {
      await this.#reportClone(passkey, signCount, visitor)
      throw new GatewayError('sign_in_refused')
    }
    return { operator, proof: { kind: 'passkey', passkeyId: passkey.id, signCount, ...challenges.spent(challenge) } }
  }

  /** The counter went back: the passkey may have been cloned (WebAuthn section 6.1.1). */
  async #reportClone({ id: passkeyId, operatorId, signCount: known }: PasskeyRecord, shown: number, visitor: Visitor): Promise<void> {
    const details = { passkeyId, known, shown }
    const event = accountEvent('operator.passkey_refused', operatorId, this.#options.clock.now(), visitor, details)
    await this.#options.store.events.append([event])
  }
}

const showPurpose = 'passkey'

/** A default name in the owner's words, as far as the browser reveals the kind. */
function kindOf(deviceType: 'singleDevice' | 'multiDevice', transports: readonly string[]): string {
  if (deviceType === 'multiDevice') return 'Synced passkey'
  return transports.includes('internal') ? 'Passkey of a device' : 'Security key'
}

function accountIsFull(): GatewayError {
  return new GatewayError('conflict', { message: `this account has ${passkeysMax} passkeys, the most there can be; remove one first` })
}

function makePurpose(operatorId: string): string {
  return `new-passkey:${operatorId}`
}
