import type { Settings } from '../config/settings.ts'
import type { Clock } from '../core/base/clock.ts'
import { openSsoProvider } from '../operator-services.ts'

/** ID tokens are accepted with clocks this far apart, ms. */
const clockMsMax = 30_000

/**
 * Asks the provider of single sign-on for its metadata. @returns what is wrong and what to do; null if nothing is, or there is no provider
 */
export async function findSsoTrouble(settings: Settings, clock: Clock): Promise<string | null> {
  const provider = openSsoProvider(settings, { site: { url: settings.adminUrl }, clock, onTrouble: () => {} })
  if (provider === null) return null
  try {
    const theirs = await provider.readTime()
    const offMs = theirs === null ? 0 : theirs - clock.now()
    if (Math.abs(offMs) <= clockMsMax) return null
    const seconds = Math.round(Math.abs(offMs) / 1_000)
    return `this machine's clock is ${seconds} s ${offMs > 0 ? 'behind' : 'ahead of'} the clock of ${settings.ssoIssuer}, whose ID tokens are refused beyond 30 s: run NTP (timedatectl)`
  } catch (error) {
    return `${(error as Error).message}: operators cannot sign in by it; check OPERATOR_SSO_ISSUER, DNS and the certificate there; name a CA of your own in NODE_EXTRA_CA_CERTS`
  }
}
