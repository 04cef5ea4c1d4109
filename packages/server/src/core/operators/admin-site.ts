import { isIP } from 'node:net'

/** The public origin of the admin listener, to which cookies, links and passkeys are bound. */
export class AdminSite {
  #url: string

  /** @param url an origin */
  constructor(url: string) {
    this.#url = url
  }

  get url(): string {
    return this.#url
  }

  get isHttps(): boolean {
    return this.#url.startsWith('https:')
  }

  /** The RP ID of passkeys (WebAuthn section 5.1.2); null at an IP address, for which browsers accept none. */
  get relyingPartyId(): string | null {
    const { hostname } = new URL(this.#url)
    return isIP(hostname.replace(/^\[(.*)\]$/, '$1')) === 0 ? hostname : null
  }

  /** Follows a listener that got another port than configured. */
  movePort(from: number, to: number): void {
    const url = new URL(this.#url)
    if (url.port === String(from)) this.#url = Object.assign(url, { port: String(to) }).origin
  }
}
