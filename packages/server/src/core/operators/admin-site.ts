import { isIP } from 'node:net'

/** Where browsers reach the admin listener: cookies, links and passkeys are bound to it. */
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

  /** The name that passkeys are bound to (WebAuthn section 5.1.2); null where there can be none, because browsers take no address for it. */
  get relyingPartyId(): string | null {
    const { hostname } = new URL(this.#url)
    return isIP(hostname.replace(/^\[(.*)\]$/, '$1')) === 0 ? hostname : null
  }

  /** It listens on another port than it was meant to. */
  movePort(from: number, to: number): void {
    const url = new URL(this.#url)
    if (url.port === String(from)) this.#url = Object.assign(url, { port: String(to) }).origin
  }
}
