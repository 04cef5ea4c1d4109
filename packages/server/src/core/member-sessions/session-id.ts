import type { MemberSession } from '../../store/store.ts'

/**
 * How operators name a session: by what the store knows it by, and when it began, since a token that is taken over begins another. It opens
 * nothing: a token's hash is under a key of the server.
 */
export function sessionIdOf({ tokenHash, createdAt }: Pick<MemberSession, 'tokenHash' | 'createdAt'>): string {
  return `${Buffer.from(tokenHash).toString('hex')}-${createdAt.toString(36)}`
}

/** Null for a text that is no session's ID. */
export function readSessionId(id: string): Pick<MemberSession, 'tokenHash' | 'createdAt'> | null {
  const [, hash, time] = /^([0-9a-f]{32})-([0-9a-z]{1,10})$/.exec(id) ?? []
  if (hash === undefined || time === undefined) return null
  return { tokenHash: Buffer.from(hash, 'hex'), createdAt: Number.parseInt(time, 36) }
}
