import { BlockList, isIPv6 } from 'node:net'
import { normalizeAddress } from './network-address.ts'

/** Cached answers per list; a merchant calls from few addresses. */
const rememberedMax = 1_000

/** A list of addresses and CIDR blocks, v4 and v6. Empty matches nobody. */
export class AddressList {
  readonly #list = new BlockList()
  readonly #remembered = new Map<string, boolean>()

  /** @throws RangeError naming the first entry that is neither an address nor a CIDR block */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const block = parseBlock(entry)
      if (block === null) throw new RangeError(`${entry} is not an IP address or CIDR block`)
      this.#list.addSubnet(block.address, block.prefix, block.family)
    }
  }

  /** @param address in the spelling of `normalizeAddress` */
  has(address: string): boolean {
    let isListed = this.#remembered.get(address)
    if (isListed === undefined) {
      isListed = this.#list.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
      if (this.#remembered.size >= rememberedMax) this.#remembered.clear()
      this.#remembered.set(address, isListed)
    }
    return isListed
  }
}

/** Whether one of these blocks contains this one. */
export function isCovered(entry: string, blocks: readonly string[]): boolean {
  const inner = parseBlock(entry)
  if (inner === null) return false
  return blocks.some((text) => {
    const outer = parseBlock(text)
    return outer?.family === inner.family && outer.prefix <= inner.prefix && new AddressList([text]).has(inner.address)
  })
}

/** `10.0.0.0/8`, `192.0.2.7`, `2001:db8::/32`, `::ffff:192.0.2.7`. Null for anything else. */
export function parseBlock(entry: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } | null {
  const match = /^([0-9A-Fa-f:.]+)(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(entry)
  const address = normalizeAddress(match?.[1] ?? '')
  if (address === null) return null
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  const isMapped = family === 'ipv4' && isIPv6(match?.[1] ?? '')
  const bits = family === 'ipv6' ? 128 : 32
  const prefix = match?.[2] === undefined ? bits : Number(match[2]) - (isMapped ? 96 : 0)
  return prefix >= 0 && prefix <= bits ? { address, prefix, family } : null
}
