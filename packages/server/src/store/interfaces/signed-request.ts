/**
 * Makes a repeated signed POST harmless (member-login.md, Sessions and replay; check 32). The row is unique by (timestamp, agentId, signature): the
 * timestamp is signed, so every repeat has the same one, and inserts stay at one end of the index. Written only with a success, in the same
 * transaction, and kept until `expiresAt`.
 */
export interface SignedRequest {
  readonly agentId: string
  /** Raw bytes, as many as the algorithm gives. */
  readonly signature: Uint8Array
  /** The signed `timestamp`, ms. */
  readonly timestamp: number
  /** Name of the call, e.g. `login`. */
  readonly endpoint: string
  /** Digest over the unsigned fields, 16 bytes; empty when the call has none. */
  readonly unsignedDigest: Uint8Array
  /** timestamp + window + skew. */
  readonly expiresAt: number
}

/**
 * - `done`: it took effect now.
 * - `repeated`: the identical request was answered before; nothing changed.
 * - `reused`: the signature was used before, for another endpoint or with other unsigned fields; nothing changed.
 */
export type SignedOutcome = 'done' | 'repeated' | 'reused'
