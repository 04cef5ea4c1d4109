import { isLoopbackHost } from '../core/base/loopback-host.ts'

/** RFC 9110, section 7.2, reduced to what our URLs contain: a name or address, and a port. */
const form = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?$/

/** The host names that requests may use. Ports are ignored, since proxies may omit them. Any loopback name stands for all. */
export class HostNames {
  readonly #names: ReadonlySet<string>
  readonly #hasLoopback: boolean
  readonly #isAny: boolean
  /** The previous accepted header: nearly all are the same. */
  #latest = ''

  /** @param names without ports; `*` means any */
  constructor(names: readonly string[]) {
    this.#names = new Set(names.map((name) => name.toLowerCase()))
    this.#hasLoopback = names.some(isLoopbackHost)
    this.#isAny = names.includes('*')
  }

  /** @param host the Host header. @returns null when it is malformed */
  has(host: string): boolean | null {
    if (host === this.#latest) return true
    const name = form.exec(host)?.[1]?.toLowerCase()
    if (name === undefined) return null
    const isOurs = this.#isAny || this.#names.has(name) || (this.#hasLoopback && isLoopbackHost(name))
    if (isOurs) this.#latest = host
    return isOurs
  }
}
