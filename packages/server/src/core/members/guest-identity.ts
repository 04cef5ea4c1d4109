import { createHmac } from 'node:crypto'

/** A guest's identity, derived from its login request. */
export interface GuestIdentity {
  /** 32 characters of A-Z a-z 0-9 _ -, 192 bits. */
  readonly token: string
  /** In the form of a user ID; reveals nothing about the token. */
  readonly uid: string
}

export type GuestIdentifier = (agentId: string, signature: Uint8Array) => GuestIdentity

/**
 * Derives token and uid from a request's signature with a server key (member-lifecycle.md): repeating the request returns the same ones on
 * any node, and nobody can derive them from the signature alone.
 */
export function guestIdentifier(key: Uint8Array): GuestIdentifier {
  const derive = (purpose: string, agentId: string, signature: Uint8Array) =>
    createHmac('sha256', key).update(`${purpose}\n${agentId}\n`).update(signature).digest()
  return (agentId, signature) => ({
    token: derive('token', agentId, signature).subarray(0, 24).toString('base64url'),
    uid: `guest_${derive('uid', agentId, signature).subarray(0, 13).toString('hex')}`,
  })
}
