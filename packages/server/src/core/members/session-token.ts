import { digest } from '../base/digest.ts'

/** Turns a merchant's session token into the session's identity in the store. */
export type SessionTokenHasher = (agentId: string, token: string) => Uint8Array

/**
 * 16 bytes of SHA-256 over a server secret, the merchant and the token. Keyed, because tokens as short as nine characters could be found
 * from a dump of the store by brute force. agent_id cannot contain the separator.
 */
export function sessionTokenHasher(secret: Uint8Array): SessionTokenHasher {
  const prefix = Buffer.from(secret).toString('base64url')
  return (agentId, token) => digest('sha256', `${prefix}\n${agentId}\n${token}`).subarray(0, 16)
}
