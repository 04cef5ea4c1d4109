import { createHmac } from 'node:crypto'

/** Who a guest is: made by the platform, from the request that let the guest in. */
export interface GuestIdentity {
  /** 32 characters of A-Z a-z 0-9 _ -, 192 bits. */
  readonly token: string
  /** In the form of a user ID; it tells nothing of the token. */
  readonly uid: string
}

export type GuestIdentifier = (agentId: string, signature: Uint8Array) => GuestIdentity

/**
 * Derives token and uid from a request's signature under a server key (member-lifecycle.md): a repeat of the request gets the same ones,
 * on any node, and nobody who saw the signature can tell them.
 */
export function guestIdentifier(key: Uint8Array): GuestIdentifier {
  const derive = (purpose: string, agentId: string, signature: Uint8Array) =>
    createHmac('sha256', key).update(`${purpose}\n${agentId}\n`).update(signature).digest()
  return (agentId, signature) => ({
    token: derive('token', agentId, signature).subarray(0, 24).toString('base64url'),
    uid: `guest_${derive('uid', agentId, signature).subarray(0, 13).toString('hex')}`,
  })
}
