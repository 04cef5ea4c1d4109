import type { AdminOutput } from '@lobbykey/contract/admin'

type Keys = AdminOutput<'merchant.show'>['keys']

/** The active keys: the newest, and those that it replaces, oldest first. */
export function rotatingKeys(keys: Keys): { readonly newest: Keys[number] | undefined; readonly old: Keys } {
  const active = keys.filter(({ status }) => status === 'active').sort((a, b) => a.createdAt.localeCompare(b.createdAt))
  return { newest: active.at(-1), old: active.slice(0, -1) }
}

/**
 * Progress of a rotation: 0 nothing to do, 1 the second key exists and is unused, 2 both are used, 3 the old one can be retired.
 * @param now ms
 */
export function rotationStage(keys: Keys, now: number): 0 | 1 | 2 | 3 {
  const { newest, old } = rotatingKeys(keys)
  if (newest === undefined || old.length === 0) return 0
  if (newest.lastUsedAt === null) return 1
  const isSilent = old.every(({ safeToRetireFrom }) => safeToRetireFrom !== null && Date.parse(safeToRetireFrom) <= now)
  return isSilent ? 3 : 2
}
