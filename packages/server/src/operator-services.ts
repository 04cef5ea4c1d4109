import type { Clock } from './core/base/clock.ts'
import type { Sealer } from './core/base/sealer.ts'
import { findServerSecret } from './core/base/server-secret.ts'
import { AccountSetup } from './core/operators/account-setup.ts'
import type { AdminSite } from './core/operators/admin-site.ts'
import { ApiTokens } from './core/operators/api-tokens.ts'
import { Challenges } from './core/operators/challenges.ts'
import { ConsoleSessions } from './core/operators/console-sessions.ts'
import { OperatorAddresses } from './core/operators/operator-addresses.ts'
import { Passkeys } from './core/operators/passkeys.ts'
import { PasswordSignIn } from './core/operators/password-sign-in.ts'
import { SecondFactor } from './core/operators/second-factor.ts'
import type { SsoRules } from './core/operators/sso/sso-claims.ts'
import { SsoProvider } from './core/operators/sso/sso-provider.ts'
import { SsoSignIn } from './core/operators/sso/sso-sign-in.ts'
import { SsoVouching } from './core/operators/sso/sso-vouching.ts'
import { LoginThrottle, type LoginThrottleOptions } from './core/passwords/login-throttle.ts'
import type { PasswordHasher } from './core/passwords/password-hasher.ts'
import type { PasswordLane } from './core/passwords/password-lane.ts'
import type { Store } from './store/store.ts'

export interface OperatorServices {
  readonly passkeys: Passkeys
  readonly tokens: ApiTokens
  readonly sessions: ConsoleSessions
  readonly addresses: OperatorAddresses
  readonly passwords: PasswordSignIn
  readonly setup: AccountSetup
  readonly vouching: SsoVouching
  /** Null where single sign-on is not set up. */
  readonly sso: SsoSignIn | null
}

/** The settings of single sign-on. */
export interface SsoSettings {
  readonly ssoIssuer: string | null
  readonly ssoClientId: string | null
  readonly ssoClientSecret: string | null
  readonly ssoScopes: string
  readonly ssoRoleClaim: string
  readonly ssoRoles: SsoRules['roles']
  readonly ssoMerchantsClaim: string | null
  readonly ssoLabel: string
  readonly ssoConfirm: 'passkey' | 'provider'
  readonly ssoRecheckMinutes: number
}

/** Wires the sign-in of operators. */
export async function openOperatorServices({
  store,
  sealer,
  clock,
  settings,
  hasher,
  lane,
  site,
  onSsoTrouble,
}: {
  readonly store: Store
  readonly sealer: Sealer
  readonly clock: Clock
  readonly settings: Omit<LoginThrottleOptions, 'store' | 'clock' | 'secret'> & SsoSettings & { readonly adminAllow: readonly string[] }
  /** The sellers' hasher, since both share the processor. */
  readonly hasher: PasswordHasher
  readonly lane: PasswordLane
  readonly site: AdminSite
  /** Hears what an administrator must mend in single sign-on. */
  readonly onSsoTrouble: (error: Error) => void
}): Promise<OperatorServices> {
  const [throttleSecret, enrolmentSecret, challengeSecret] = await Promise.all([
    findServerSecret(store.meta, sealer, 'operator-throttle'),
    findServerSecret(store.meta, sealer, 'operator-enrolment'),
    findServerSecret(store.meta, sealer, 'operator-challenge'),
  ])
  // A throttle of its own: an operator and a seller with the same e-mail do not lock each other out.
  const throttle = new LoginThrottle({ ...settings, store: store.throttles, clock, secret: throttleSecret })
  const addresses = new OperatorAddresses(settings.adminAllow)
  const sessions = new ConsoleSessions({
    store: store.consoleSessions,
    clock,
    addresses,
    addressKey: (address) => throttle.addressKey(address),
  })
  const accounts = store.operatorAccounts
  const secondFactor = new SecondFactor({ store: accounts, sealer, clock })
  const passwords = new PasswordSignIn({
    accounts,
    sessionStore: store.consoleSessions,
    sessions,
    secondFactor,
    clock,
    hasher,
    lane,
    throttle,
  })
  const challenges = new Challenges({ secret: challengeSecret, clock })
  const passkeys = new Passkeys({ store, sessionStore: store.consoleSessions, sessions, challenges, site, clock })
  const rules = { roleClaim: settings.ssoRoleClaim, roles: settings.ssoRoles, merchantsClaim: settings.ssoMerchantsClaim }
  const provider = openSsoProvider(settings, { site, clock, onTrouble: onSsoTrouble })
  const vouching = new SsoVouching({ store, sealer, clock, provider, rules, recheckMs: settings.ssoRecheckMinutes * 60_000 })
  const { ssoLabel: label, ssoConfirm } = settings
  const sso =
    provider === null
      ? null
      : new SsoSignIn({
          store,
          sealer,
          clock,
          provider,
          rules,
          vouching,
          sessions,
          label,
          confirmsByProvider: ssoConfirm === 'provider',
        })
  return {
    vouching,
    sso,
    passkeys,
    tokens: new ApiTokens({ store: store.apiTokens, clock }),
    addresses,
    sessions,
    passwords,
    setup: new AccountSetup({ store, clock, sessions, passwords, secondFactor, throttle, passkeys, enrolmentSecret }),
  }
}

/** Null where single sign-on is not set up. */
export function openSsoProvider(
  { ssoIssuer: issuer, ssoClientId: clientId, ssoClientSecret: clientSecret, ssoScopes: scopes, ...settings }: SsoSettings,
  { site, clock, onTrouble }: { readonly site: Pick<AdminSite, 'url'>; readonly clock: Clock; readonly onTrouble: (error: Error) => void },
): SsoProvider | null {
  if (issuer === null || clientId === null || clientSecret === null) return null
  const claims = [settings.ssoRoleClaim, 'email', ...(settings.ssoMerchantsClaim === null ? [] : [settings.ssoMerchantsClaim])]
  return new SsoProvider({
    issuer,
    clientId,
    clientSecret,
    scopes,
    claims,
    site,
    clock,
    onTrouble,
  })
}
