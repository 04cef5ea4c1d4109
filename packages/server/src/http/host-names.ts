import { isLoopbackHost } from '../core/base/loopback-host.ts'

/** RFC 9110 section 7.2, without what no URL of ours has: a name or address, and a port. */
const form = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?$/

/** The names that requests may come under. Ports are not looked at: a proxy may leave them out. A loopback name stands for all of them. */
export class HostNames {
  readonly #names: ReadonlySet<string>
  readonly #hasLoopback: boolean
  readonly #isAny: boolean
  /** As the request before had it, when it was ours: nearly all have the same. */
  #latest = ''

  /** @param names without ports; `*` is any */
  constructor(names: readonly string[]) {
    this.#names = new Set(names.map((name) => name.toLowerCase()))
    this.#hasLoopback = names.some(isLoopbackHost)
    this.#isAny = names.includes('*')
  }

  /** @param host as the Host header has it. @returns null when it is of no form that a host has */
  has(host: string): boolean | null {
    if (host === this.#latest) return true
    const name = form.exec(host)?.[1]?.toLowerCase()
    if (name === undefined) return null
    const isOurs = this.#isAny || this.#names.has(name) || (this.#hasLoopback && isLoopbackHost(name))
    if (isOurs) this.#latest = host
    return isOurs
  }
}
