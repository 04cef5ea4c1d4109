import type { MemberSession } from '../../store/store.ts'

/**
 * A session's ID for operators: token hash and start, since reusing a token starts another session. It grants no access, because the hash
 * is keyed.
 */
export function sessionIdOf({ tokenHash, createdAt }: Pick<MemberSession, 'tokenHash' | 'createdAt'>): string {
  return `${Buffer.from(tokenHash).toString('hex')}-${createdAt.toString(36)}`
}

/** Null if malformed. */
export function readSessionId(id: string): Pick<MemberSession, 'tokenHash' | 'createdAt'> | null {
  const [, hash, time] = /^([0-9a-f]{32})-([0-9a-z]{1,10})$/.exec(id) ?? []
  if (hash === undefined || time === undefined) return null
  return { tokenHash: Buffer.from(hash, 'hex'), createdAt: Number.parseInt(time, 36) }
}
