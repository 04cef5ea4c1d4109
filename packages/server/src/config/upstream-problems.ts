import { networkInterfaces } from 'node:os'
import { isLoopbackHost } from '../core/base/loopback-host.ts'
import { isLinkLocalAddress, isUnspecifiedAddress, normalizeAddress } from '../core/base/network-address.ts'

/** This server's addresses. */
interface Listening {
  readonly publicUrl: string
  readonly host: string
  readonly port: number
  readonly adminHost: string
  readonly adminPort: number
}

/**
 * An upstream must not be the gateway itself (an endless loop) or a link-local address, where clouds serve their machines' credentials
 * (169.254.169.254).
 *
 * @param addresses the resolved addresses of its host name, if known
 */
export function findUpstreamProblem(
  upstream: { readonly prefix: string; readonly url: string },
  settings: Listening,
  addresses: readonly string[] = [],
): string | null {
  const url = new URL(upstream.url)
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const literal = normalizeAddress(url.hostname.replace(/^\[(.*)\]$/, '$1'))
  const all = [...addresses.map(normalizeAddress), literal].filter((address) => address !== null)
  const name = `UPSTREAMS: ${upstream.prefix} leads to`
  if (all.some(isLinkLocalAddress)) return `${name} a link-local address; name the service itself`
  const isOurs = url.host === new URL(settings.publicUrl).host || all.some((address) => isListeningAt(address, port, settings))
  const isLoopbackName = isLoopbackHost(url.hostname) && isListeningAt('127.0.0.1', port, settings)
  return isOurs || isLoopbackName ? `${name} this server itself; name the service behind it` : null
}

function isListeningAt(address: string, port: number, { host, port: ownPort, adminHost, adminPort }: Listening): boolean {
  const isAt = (listening: string, at: number) => at === port && reaches(listening, address)
  return isAt(host, ownPort) || (adminPort !== 0 && isAt(adminHost, adminPort))
}

/** Whether a connection to `address` reaches a listener on `host`. */
function reaches(host: string, address: string): boolean {
  if (isUnspecifiedAddress(address)) return true
  const own = normalizeAddress(host)
  const isLoopback = isLoopbackHost(address)
  if (own === null) return isLoopback && isLoopbackHost(host)
  if (!isUnspecifiedAddress(own)) return own === address
  return isLoopback || Object.values(networkInterfaces()).some((all) => all?.some((one) => normalizeAddress(one.address) === address))
}
