import type { SealRecord, SealStore } from '../../store/store.ts'
import { decodeLeaves, type SealMaker, sealDigest } from './event-seal.ts'

const pageMax = 50
const eventsMax = 2_000

export interface EventVerdict {
  readonly seals: number
  readonly events: number
  /** Events after the last seal, not vouched for yet. */
  readonly unsealed: number
  /** The first mismatch; null when everything matches. */
  readonly fault: { readonly seal: number; readonly event: number | null; readonly message: string } | null
  /** The last seal, to compare with an external copy. */
  readonly last: { readonly number: number; readonly digest: string } | null
}

/**
 * Recomputes the chain of seals and compares the events with it (check 74).
 * @param held digests of seals kept elsewhere, by number
 */
export async function verifyEvents(
  store: SealStore,
  maker: SealMaker,
  held: ReadonlyMap<number, string> = new Map(),
): Promise<EventVerdict> {
  let before: SealRecord | null = null
  let events = 0
  const end = (fault: EventVerdict['fault'], unsealed = 0): EventVerdict => ({
    seals: before?.number ?? 0,
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
      const wrong = await findWrongEvent(store, maker, seal)
      if (wrong !== null) return end({ seal: seal.number, ...wrong })
      events += decodeLeaves(seal.leaves).length
      before = seal
    }
    if (page.length < pageMax) break
  }
  const missing = [...held.keys()].find((number) => number > (before?.number ?? 0))
  if (missing !== undefined) return end({ seal: missing, event: null, message: 'it is held elsewhere and is not in the store' })
  const newest = await store.newestEvent()
  return end(null, Math.max(0, newest - (before?.lastId ?? 0)))
}

function heldFault(seal: SealRecord, held: ReadonlyMap<number, string>): string | null {
  const digest = held.get(seal.number)
  return digest === undefined || digest === sealDigest(seal) ? null : 'it is not the one that is held elsewhere'
}

async function findWrongEvent(store: SealStore, maker: SealMaker, seal: SealRecord): Promise<{ event: number; message: string } | null> {
  const leaves = decodeLeaves(seal.leaves)
  const rows = await store.events({ after: seal.firstId - 1, until: seal.lastId, limit: eventsMax })
  for (let index = 0; index < Math.max(leaves.length, rows.length); index++) {
    const [leaf, row] = [leaves[index], rows[index]]
    if (row === undefined || (leaf !== undefined && leaf.id < row.id)) return { event: leaf?.id ?? 0, message: 'it was removed or moved' }
    if (leaf === undefined || row.id < leaf.id) return { event: row.id, message: 'it was added after the others were sealed' }
    if (!leaf.digest.equals(maker.leaf(row))) return { event: row.id, message: 'it was changed' }
  }
  return null
}
