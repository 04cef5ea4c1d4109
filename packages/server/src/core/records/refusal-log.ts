import type { RefusalRecord, RefusalStore } from '../../store/store.ts'
import { addressKey } from '../base/network-address.ts'
import { randomId } from '../base/random.ts'
import { type RefusedCall, shareOwner } from './decided-call.ts'
import { isAnotherMinute, MinuteShares } from './minute-shares.ts'

const minuteMs = 60_000
const flushIntervalMs = 1_000
/** Rows per minute that distinguish address and subject; beyond them, a merchant's refusals are merged by code, and then entirely. */
const knownShares = { perOwner: 60, perAddress: 60, total: 4_000 }
const strangerShares = { perOwner: 20, perAddress: 5, total: 1_000 }
const joinedShares = { perOwner: 8, perAddress: 8, total: 1_000 }
/** Rows kept while the store cannot be written; beyond that, the oldest are dropped. */
const waitingMax = 20_000
const batchMax = 500

export interface RefusalLogOptions {
  readonly store: Pick<RefusalStore, 'put'>
  /** How long a refusal is kept, ms. */
  readonly keptMs: number
  readonly onError: (error: unknown) => void
}

interface Row {
  readonly record: RefusalRecord
  count: number
  lastAt: number
  /** The part of `count` that the store has. */
  writtenCount: number
}

/**
 * Records refusals off the request path. Identical refusals within a minute (same call, code, merchant, subject, address block) share a row with a
 * count. Unproven claims get no rows of their own: rows per minute are bounded, for each merchant, each address and overall. What does not fit is
 * merged and still counted.
 *
 * A row is written within a second, and once more when its minute is over.
 */
export class RefusalLog {
  readonly #options: RefusalLogOptions
  readonly #known = new MinuteShares(knownShares)
  readonly #strangers = new MinuteShares(strangerShares)
  readonly #joined = new MinuteShares(joinedShares)
  readonly #process = randomId()
  #rowCount = 0
  #minute = Number.NEGATIVE_INFINITY
  #rows = new Map<string, Row>()
  /** Rows of earlier minutes whose count is not in the store. */
  #waiting = new Set<Row>()
  #lostCount = 0
  #flushing: Promise<void> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  constructor(options: RefusalLogOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.#flush(false), flushIntervalMs).unref()
  }

  /** Refusals dropped since this process started, because the store could not be written for too long. */
  get lostCount(): number {
    return this.#lostCount
  }

  /** Refusals that the store does not know of yet. */
  get unwrittenCount(): number {
    let count = 0
    for (const row of [...this.#waiting, ...this.#rows.values()]) count += row.count - row.writtenCount
    return count
  }

  note(call: RefusedCall): void {
    this.#turnTo(Math.floor(call.at / minuteMs))
    const block = call.address === null ? undefined : addressKey(call.address)
    const { kind, code, surface, agentId, subject, reason } = call
    const key = `${kind}|${code}|${call.error.key}|${reason}|${surface}|${agentId}|${subject}|${block}`
    const row = this.#rows.get(key) ?? this.#open(call, key, block)
    row.count++
    row.lastAt = Math.max(row.lastAt, call.at)
  }

  /** Writes every count that the store does not have yet. */
  flush(): Promise<void> {
    return this.#flush(true)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  #turnTo(minute: number): void {
    if (!isAnotherMinute(minute, this.#minute)) return
    this.#minute = minute
    for (const row of this.#rows.values()) if (row.count > row.writtenCount) this.#waiting.add(row)
    this.#rows = new Map()
    for (const row of this.#waiting) {
      if (this.#waiting.size <= waitingMax) break
      this.#waiting.delete(row)
      this.#lostCount += row.count - row.writtenCount
    }
  }

  #open(call: RefusedCall, key: string, block: string | undefined): Row {
    const { at, kind, code, surface, agentId, subject, error, reason, requestId } = call
    const owner = shareOwner(call)
    const shares = call.isKnown ? this.#known : this.#strangers
    if (shares.take(owner, block ?? null, at)) {
      const details = { key: error.key, field: error.details.field, reason, ...call.details }
      return this.#add(key, { at, kind: `${kind}_refused`, code, surface, agentId, subject, address: block, requestId, details })
    }
    const joined = { at, surface, details: { joined: true } }
    const named = `joined|${kind}|${code}|${surface}|${agentId}|${call.isKnown}`
    const known = this.#rows.get(named)
    if (known !== undefined) return known
    // Codes and calls are ours and few, so anonymous callers need no share.
    if (agentId === undefined || this.#joined.take(`${owner}|${call.isKnown}`, null, at)) {
      return this.#add(named, { ...joined, kind: `${kind}_refused`, code, agentId })
    }
    const unnamed = `joined|${kind}|${code}|${surface}`
    return this.#rows.get(unnamed) ?? this.#add(unnamed, { ...joined, kind: `${kind}_refused`, code })
  }

  #add(key: string, event: Omit<RefusalRecord, 'id' | 'count' | 'lastAt' | 'expiresAt'>): Row {
    const id = `${this.#process}.${String(++this.#rowCount).padStart(9, '0')}`
    const record = { ...event, id, count: 0, lastAt: event.at, expiresAt: event.at + this.#options.keptMs }
    const row = { record, count: 0, lastAt: event.at, writtenCount: 0 }
    this.#rows.set(key, row)
    return row
  }

  #flush(isWhole: boolean): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write(isWhole))
    return this.#flushing
  }

  async #write(isWhole: boolean): Promise<void> {
    const due = [...this.#waiting]
    for (const row of this.#rows.values()) {
      if (row.writtenCount === 0 || (isWhole && row.count > row.writtenCount)) due.push(row)
    }
    try {
      for (let start = 0; start < due.length; start += batchMax) await this.#put(due.slice(start, start + batchMax))
    } catch (error) {
      this.#options.onError(error)
    }
  }

  async #put(rows: readonly Row[]): Promise<void> {
    const records = rows.map(({ record, count, lastAt }) => ({ ...record, count, lastAt }))
    await this.#options.store.put(records)
    rows.forEach((row, index) => {
      row.writtenCount = records[index]?.count ?? 0
      if (row.writtenCount === row.count) this.#waiting.delete(row)
    })
  }
}
