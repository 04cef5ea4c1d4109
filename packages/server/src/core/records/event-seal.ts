import { createHash, createHmac, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { EventRecord, MetaStore, SealRecord } from '../../store/store.ts'
import type { Sealer } from '../base/sealer.ts'
import { findServerSecret } from '../base/server-secret.ts'

const leafBytes = 40
/** PKCS#8 prefix of a 32-byte Ed25519 private key (RFC 8410). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')

export interface SealedLeaf {
  readonly id: number
  readonly digest: Buffer
}

/**
 * Makes and verifies seals. The key and the salt are server secrets under the master key: a seal reveals nothing about its events, and nobody can
 * forge one with the store alone.
 */
export class SealMaker {
  readonly #key: KeyObject
  readonly #salt: Uint8Array

  private constructor(key: KeyObject, salt: Uint8Array) {
    this.#key = key
    this.#salt = salt
  }

  static async open(meta: MetaStore, sealer: Sealer): Promise<SealMaker> {
    const seed = await findServerSecret(meta, sealer, 'event-seal')
    const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' })
    return new SealMaker(key, await findServerSecret(meta, sealer, 'event-salt'))
  }

  /** Seals the events that follow the previous seal. */
  make(before: SealRecord | null, events: readonly EventRecord[], at: number): SealRecord {
    const leaves = Buffer.concat(events.map((event) => encodeLeaf({ id: event.id, digest: this.leaf(event) })))
    const head = {
      number: (before?.number ?? 0) + 1,
      at,
      firstId: (before?.lastId ?? 0) + 1,
      lastId: events.at(-1)?.id ?? 0,
      root: merkleRoot(decodeLeaves(leaves)).toString('hex'),
      previous: before === null ? '' : sealDigest(before),
    }
    return { ...head, signature: sign(null, signedText(head), this.#key).toString('base64'), leaves }
  }

  /** The salted digest of all fields of an event. */
  leaf(event: EventRecord): Buffer {
    const { id, at, kind, surface, actor, agentId, subject, address, requestId, code, count, details } = event
    const fields = [id, at, kind, surface, actor, agentId, subject, address, requestId, code, count, details]
    return createHmac('sha256', this.#salt)
      .update(JSON.stringify(fields.map((field) => field ?? null)))
      .digest()
  }

  /** What is wrong with a seal, by itself or as the successor of `before`; null when nothing is. */
  findFault(seal: SealRecord, before: SealRecord | null): string | null {
    if (seal.number !== (before?.number ?? 0) + 1) return `seal ${(before?.number ?? 0) + 1} is missing`
    if (!verify(null, signedText(seal), createPublicKey(this.#key), Buffer.from(seal.signature, 'base64'))) return 'its signature is wrong'
    if (seal.previous !== (before === null ? '' : sealDigest(before)) || seal.firstId !== (before?.lastId ?? 0) + 1)
      return 'it does not follow the seal before'
    if (merkleRoot(decodeLeaves(seal.leaves)).toString('hex') !== seal.root) return 'its digests are not those that it was made of'
    return null
  }
}

/** Identifies a seal, for later seals and for external copies. */
export function sealDigest(seal: SealRecord): string {
  return createHash('sha256').update(signedText(seal)).update(seal.signature).digest('hex')
}

export function decodeLeaves(leaves: Uint8Array): SealedLeaf[] {
  const bytes = Buffer.from(leaves)
  return Array.from({ length: Math.floor(bytes.length / leafBytes) }, (_, index) => {
    const start = index * leafBytes
    return { id: Number(bytes.readBigUInt64BE(start)), digest: bytes.subarray(start + 8, start + leafBytes) }
  })
}

function encodeLeaf({ id, digest }: SealedLeaf): Buffer {
  const bytes = Buffer.alloc(leafBytes)
  bytes.writeBigUInt64BE(BigInt(id))
  digest.copy(bytes, 8)
  return bytes
}

function signedText({ number, at, firstId, lastId, root, previous }: Omit<SealRecord, 'signature' | 'leaves'>): Buffer {
  return Buffer.from(JSON.stringify(['lobbykey seal v1', number, at, firstId, lastId, root, previous]))
}

/** RFC 6962, section 2.1. */
function merkleRoot(leaves: readonly SealedLeaf[]): Buffer {
  let level: Buffer[] = leaves.map((leaf) => createHash('sha256').update(Uint8Array.of(0)).update(encodeLeaf(leaf)).digest())
  if (level.length === 0) return createHash('sha256').digest()
  // Pairing from the left and carrying the odd one up gives the same tree as splitting at the largest power of two.
  while (level.length > 1) {
    const pairs: Buffer[] = []
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at], level[at + 1]]
      if (left !== undefined)
        pairs.push(right === undefined ? left : createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest())
    }
    level = pairs
  }
  return level[0] ?? createHash('sha256').digest()
}
