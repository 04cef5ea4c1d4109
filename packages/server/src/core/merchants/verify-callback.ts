import { parameterError } from '@lobbykey/contract'
import { isLoopbackHost } from '../base/loopback-host.ts'

/**
 * Holds a callback to the merchant's list, by exact origin (check 34): https, or http on loopback where allowed; no user info.
 * @returns the URL as the parser writes it, which is the one that was judged
 * @throws GatewayError invalid_parameter
 */
export function verifyCallback(callback: string, origins: ReadonlySet<string>, allowLoopback: boolean): string {
  const url = /^https?:\/\/[^/]/.test(callback) ? URL.parse(callback) : null
  if (url === null) throw parameterError('callback', 'must be an absolute https URL')
  const isLoopbackHttp = url.protocol === 'http:' && isLoopbackHost(url.hostname)
  if (url.protocol !== 'https:' && !(allowLoopback && isLoopbackHttp)) throw parameterError('callback', 'must be an https URL')
  if (url.username !== '' || url.password !== '') throw parameterError('callback', 'must not carry user info')
  if (!origins.has(url.origin)) throw parameterError('callback', `has the origin ${url.origin}, which is not on the merchant's list`)
  return url.href
}
