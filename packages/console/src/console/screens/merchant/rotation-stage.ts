import type { AdminOutput } from '@lobbykey/contract/admin'

type Keys = AdminOutput<'merchant.show'>['keys']

/**
 * Progress of a rotation: 0 nothing to do, 1 the second key exists and is unused, 2 both are used, 3 the old one can be retired.
 * @param now ms
 */
export function rotationStage(keys: Keys, now: number): 0 | 1 | 2 | 3 {
  const active = keys.filter(({ status }) => status === 'active').sort((a, b) => a.createdAt.localeCompare(b.createdAt))
  const newest = active.at(-1)
  const old = active.slice(0, -1)
  if (newest === undefined || old.length === 0) return 0
  if (newest.lastUsedAt === null) return 1
  const isSilent = old.every(({ safeToRetireFrom }) => safeToRetireFrom !== null && Date.parse(safeToRetireFrom) <= now)
  return isSilent ? 3 : 2
}
