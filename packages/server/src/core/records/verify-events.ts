import type { EventRecord, SealRecord, SealStore } from '../../store/store.ts'
import { decodeLeaves, type SealMaker, sealDigest } from './event-seal.ts'
import { lateMs } from './event-sealer.ts'

const pageMax = 50
const eventsMax = 2_000

export interface EventVerdict {
  readonly seals: number
  readonly events: number
  /** Events after the last seal, not vouched for yet; 0 where the range ends before it. */
  readonly unsealed: number
  /** The first mismatch; null when everything matches. */
  readonly fault: { readonly seal: number; readonly event: number | null; readonly message: string } | null
  /** The last seal that was verified, to compare with an external copy. */
  readonly last: { readonly number: number; readonly digest: string } | null
}

export interface VerifyOptions {
  /** Digests of seals kept elsewhere, by number. */
  readonly held?: ReadonlyMap<number, string>
  /** Only the seals over events of this time, ms; whole seals are verified. Absent: from the first, to the last. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** Only the seals after this number, which is taken as it is; and at most so many. */
  readonly after?: number | undefined
  readonly limit?: number | undefined
}

/** Recomputes the chain of seals and compares the events with it (check 74). */
export async function verifyEvents(
  store: SealStore,
  maker: SealMaker,
  { held = new Map(), from, to = Number.POSITIVE_INFINITY, after, limit = Number.POSITIVE_INFINITY }: VerifyOptions = {},
): Promise<EventVerdict> {
  let before = after === undefined ? (from === undefined ? null : await lastBefore(store, from)) : await findSeal(store, after)
  let [seals, events, isWhole] = [0, 0, true]
  const end = (fault: EventVerdict['fault'], unsealed = 0): EventVerdict => ({
    seals,
    events,
    unsealed,
    fault,
    last: before === null ? null : { number: before.number, digest: sealDigest(before) },
  })
  for (;;) {
    const page: SealRecord[] = await store.list({ after: before?.number ?? 0, limit: pageMax })
    for (const seal of page) {
      const message = maker.findFault(seal, before) ?? heldFault(seal, held)
      if (message !== null) return end({ seal: seal.number, event: null, message })
      // Rows numbered below the first event are additions, too.
      const rows = await store.events({
        after: before === null ? Number.MIN_SAFE_INTEGER : before.lastId,
        until: seal.lastId,
        limit: eventsMax,
      })
      const wrong = findWrongEvent(maker, seal, rows)
      if (wrong !== null) return end({ seal: seal.number, ...wrong })
      seals++
      events += rows.length
      before = seal
      isWhole = !isBeyond(rows, to) && seals < limit
      if (!isWhole) break
    }
    if (page.length < pageMax || !isWhole) break
  }
  const last = (await store.last())?.number ?? 0
  const missing = [...held.keys()].find((number) => number > last)
  if (missing !== undefined) return end({ seal: missing, event: null, message: 'it is held elsewhere and is not in the store' })
  return end(null, isWhole ? Math.max(0, (await store.newestEvent()) - (before?.lastId ?? 0)) : 0)
}

async function findSeal(store: SealStore, number: number): Promise<SealRecord | null> {
  const [seal] = await store.list({ after: number - 1, limit: 1 })
  return seal?.number === number ? seal : null
}

/**
 * The last seal made before a time, found by bisection; its successor's digest of it vouches for it. Events are sealed after they happen, so later
 * seals hold all events of that time and after.
 */
async function lastBefore(store: SealStore, at: number): Promise<SealRecord | null> {
  let found: SealRecord | null = null
  let [low, high] = [1, (await store.last())?.number ?? 0]
  while (low <= high) {
    const middle = Math.floor((low + high) / 2)
    const seal = await findSeal(store, middle)
    if (seal !== null && seal.at < at) {
      found = seal
      low = seal.number + 1
    } else high = middle - 1
  }
  return found
}

/** Whether all of it, and so all that follows, is later than `to`: numbers may be out of the order of time by as much as a row may be late. */
function isBeyond(rows: readonly EventRecord[], to: number): boolean {
  return rows.every(({ at }) => at > to + lateMs)
}

function heldFault(seal: SealRecord, held: ReadonlyMap<number, string>): string | null {
  const digest = held.get(seal.number)
  return digest === undefined || digest === sealDigest(seal) ? null : 'it is not the one that is held elsewhere'
}

function findWrongEvent(maker: SealMaker, seal: SealRecord, rows: readonly EventRecord[]): { event: number; message: string } | null {
  const leaves = decodeLeaves(seal.leaves)
  for (let index = 0; index < Math.max(leaves.length, rows.length); index++) {
    const [leaf, row] = [leaves[index], rows[index]]
    if (row === undefined || (leaf !== undefined && leaf.id < row.id)) return { event: leaf?.id ?? 0, message: 'it was removed or moved' }
    if (leaf === undefined || row.id < leaf.id) return { event: row.id, message: 'it was added after the others were sealed' }
    if (!leaf.digest.equals(maker.leaf(row))) return { event: row.id, message: 'it was changed' }
  }
  return null
}
