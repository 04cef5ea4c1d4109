import { BlockList, isIPv6 } from 'node:net'
import { normalizeAddress } from './network-address.ts'

/** Cached answers per list; a merchant calls from few addresses. */
const rememberedMax = 1_000

/** A list of addresses and CIDR blocks, v4 and v6. Empty matches nobody. */
export class AddressList {
  readonly #entries: readonly string[]
  /** Made when it is first asked: it takes kilobytes, and of thousands of merchants most may never call. */
  #asked: { readonly list: BlockList; readonly remembered: Map<string, boolean> } | null = null

  /** @throws RangeError naming the first entry that is neither an address nor a CIDR block */
  constructor(entries: readonly string[]) {
    const wrong = entries.find((entry) => parseBlock(entry) === null)
    if (wrong !== undefined) throw new RangeError(`${wrong} is not an IP address or CIDR block`)
    this.#entries = entries
  }

  /** @param address in the spelling of `normalizeAddress` */
  has(address: string): boolean {
    this.#asked ??= { list: blockList(this.#entries), remembered: new Map() }
    const { list, remembered } = this.#asked
    let isListed = remembered.get(address)
    if (isListed === undefined) {
      isListed = list.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
      if (remembered.size >= rememberedMax) remembered.clear()
      remembered.set(address, isListed)
    }
    return isListed
  }
}

function blockList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const block = parseBlock(entry)
    if (block !== null) list.addSubnet(block.address, block.prefix, block.family)
  }
  return list
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
