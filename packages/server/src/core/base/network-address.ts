import { isIPv4, isIPv6 } from 'node:net'

/**
 * An IP address in one spelling: IPv4 dotted, IPv6 lower case; an IPv4-mapped IPv6 address (`::ffff:…`, in either notation) is the
 * IPv4 address. Null for anything else, a zone id included: such an address is on nobody's list.
 */
export function normalizeAddress(text: string): string | null {
  if (isIPv4(text)) return text
  if (text.includes('%') || !isIPv6(text)) return null
  const groups = ipv6Groups(text)
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  if (isMapped) return [groups[6], groups[7]].map((group) => `${(group ?? 0) >> 8}.${(group ?? 0) & 0xff}`).join('.')
  return text.toLowerCase()
}

/** The key for limits by address: the IPv4 address, or the /64 of an IPv6 address (one customer, RFC 6177). */
export function addressKey(address: string): string {
  // Fast path: without a colon it is not IPv6.
  if (!address.includes(':') || !isIPv6(address)) return address
  return `${ipv6Groups(address)
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** RFC 3927 and RFC 4291 section 2.5.6. @param address in the spelling of `normalizeAddress` */
export function isLinkLocalAddress(address: string): boolean {
  return address.startsWith('169.254.') || (isIPv6(address) && ((ipv6Groups(address)[0] ?? 0) & 0xffc0) === 0xfe80)
}

/** 0.0.0.0 and ::, which mean every address when listening and this machine when connecting. */
export function isUnspecifiedAddress(address: string): boolean {
  return address === '0.0.0.0' || (isIPv6(address) && ipv6Groups(address).every((group) => group === 0))
}

export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

/** The eight groups of a valid IPv6 address. */
function ipv6Groups(address: string): number[] {
  const [head = '', tail] = address.split('::')
  const left = parseGroups(head)
  if (tail === undefined) return left
  const right = parseGroups(tail)
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
}

function parseGroups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })
}
