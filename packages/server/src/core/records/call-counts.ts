import { type CallBatch, type CallCount, type CallCountStore, type CallOrigin, originsMax, type Surface } from '../../store/store.ts'
import { addressKey } from '../base/network-address.ts'
import { randomId } from '../base/random.ts'
import type { DecidedCall } from './decided-call.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
const flushIntervalMs = 60_000
/** Kinds of refusal that strangers can add per merchant and minute; any more are counted as `other`. */
const strangerKindsMax = 8
/** Batches kept while the store cannot be written: an hour's worth. */
const waitingMax = 60

export interface CallCountsOptions {
  readonly store: Pick<CallCountStore, 'add'>
  readonly onError: (error: unknown) => void
}

interface Leaf {
  count: number
}

interface Origin {
  accepted: number
  refused: number
}

/** One merchant in one minute, or all calls that name none. */
interface Owner {
  readonly leaves: Map<Surface, Map<string, Map<string, Leaf>>>
  strangerKinds: number
  /** By address, then by key. */
  readonly known: Map<string, Map<string | undefined, Origin>>
  readonly strangers: Map<string, Map<string | undefined, Origin>>
}

/**
 * Counts calls by minute and outcome. Counting is an increment in memory; each process writes its counts once a minute and the store adds them up.
 * What a stranger can make it hold or write is bounded by the number of existing merchants.
 */
export class CallCounts {
  readonly #options: CallCountsOptions
  #minutes = new Map<number, Map<string | undefined, Owner>>()
  #current: { readonly minute: number; readonly owners: Map<string | undefined, Owner> } | null = null
  #waiting: CallBatch[] = []
  #lostCount = 0
  #flushing: Promise<void> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  constructor(options: CallCountsOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.flush(), flushIntervalMs).unref()
  }

  /** Calls whose counts were dropped since this process started, because the store could not be written for an hour. */
  get lostCount(): number {
    return this.#lostCount
  }

  note(call: DecidedCall, isAccepted: boolean): void {
    const owner = this.#owner(call)
    leafOf(owner, call, isAccepted).count++
    if (call.agentId === undefined) return
    const origin = originOf(owner, call)
    if (isAccepted) origin.accepted++
    else origin.refused++
  }

  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write())
    return this.#flushing
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  #owner({ at, agentId }: DecidedCall): Owner {
    const minute = at - (at % minuteMs)
    if (this.#current?.minute !== minute) {
      const owners = this.#minutes.get(minute) ?? new Map()
      this.#minutes.set(minute, owners)
      this.#current = { minute, owners }
    }
    const { owners } = this.#current
    const known = owners.get(agentId)
    if (known !== undefined) return known
    const owner = { leaves: new Map(), strangerKinds: 0, known: new Map(), strangers: new Map() }
    owners.set(agentId, owner)
    return owner
  }

  async #write(): Promise<void> {
    if (this.#minutes.size > 0) {
      this.#waiting.push(toBatch(this.#minutes))
      this.#minutes = new Map()
      this.#current = null
    }
    while (this.#waiting.length > waitingMax) {
      for (const { count } of this.#waiting.shift()?.counts ?? []) this.#lostCount += count
    }
    for (let batch = this.#waiting[0]; batch !== undefined; batch = this.#waiting[0]) {
      try {
        await this.#options.store.add(batch)
      } catch (error) {
        this.#options.onError(error)
        return
      }
      this.#waiting.shift()
    }
  }
}

function leafOf(owner: Owner, { surface, call, code, agentId, isKnown }: DecidedCall, isAccepted: boolean): Leaf {
  const known = owner.leaves.get(surface)?.get(call)?.get(code)
  if (known !== undefined) return known
  const isStrangers = agentId !== undefined && !isKnown && !isAccepted
  if (isStrangers && owner.strangerKinds++ >= strangerKindsMax) return addLeaf(owner, surface, 'other', 'other')
  return addLeaf(owner, surface, call, code)
}

function addLeaf({ leaves }: Owner, surface: Surface, call: string, code: string): Leaf {
  const calls = leaves.get(surface) ?? new Map<string, Map<string, Leaf>>()
  leaves.set(surface, calls)
  const codes = calls.get(call) ?? new Map<string, Leaf>()
  calls.set(call, codes)
  const leaf = codes.get(code) ?? { count: 0 }
  codes.set(code, leaf)
  return leaf
}

/** An empty address means all addresses that are not counted separately. */
function originOf({ known, strangers }: Owner, { isKnown, address, keyId }: DecidedCall): Origin {
  const addresses = isKnown ? known : strangers
  const shown = address === null ? '' : isKnown ? address : addressKey(address)
  const keys = addresses.get(shown) ?? addresses.get(addresses.size < originsMax ? shown : '')
  if (keys === undefined) return addOrigin(addresses, addresses.size < originsMax ? shown : '', keyId)
  const origin = keys.get(keyId) ?? { accepted: 0, refused: 0 }
  keys.set(keyId, origin)
  return origin
}

function addOrigin(addresses: Map<string, Map<string | undefined, Origin>>, address: string, keyId: string | undefined): Origin {
  const origin = { accepted: 0, refused: 0 }
  addresses.set(address, new Map([[keyId, origin]]))
  return origin
}

function toBatch(minutes: ReadonlyMap<number, ReadonlyMap<string | undefined, Owner>>): CallBatch {
  const counts: CallCount[] = []
  const origins: CallOrigin[] = []
  let last = 0
  for (const [at, owners] of minutes) {
    last = Math.max(last, at)
    for (const [agentId, owner] of owners) {
      for (const [surface, calls] of owner.leaves) {
        for (const [call, codes] of calls) for (const [code, { count }] of codes) counts.push({ at, surface, call, code, agentId, count })
      }
      if (agentId === undefined) continue
      for (const isStranger of [false, true]) {
        for (const [address, keys] of isStranger ? owner.strangers : owner.known) {
          for (const [keyId, { accepted, refused }] of keys) {
            const hour = at - (at % hourMs)
            origins.push({ at: hour, agentId, isStranger, address: address || null, keyId: keyId ?? null, accepted, refused })
          }
        }
      }
    }
  }
  return { id: randomId(), at: last, counts, origins }
}
