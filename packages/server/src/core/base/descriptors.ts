import { readFileSync } from 'node:fs'

/** How many files and connections this process may have open; null where the system does not say (it does on Linux). */
export function readDescriptorLimit(): number | null {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined || soft === 'unlimited' ? null : Number(soft)
  } catch {
    return null
  }
}

/** Below it a server is not what it could be, and says so when it starts. */
export const descriptorsWanted = 8_192

/** Connections that operators and their programs may hold: few, so that they have theirs whatever partners do. */
export const adminConnectionsMax = 64

/** For files, the log, workers' channels and what else a process opens beside its store. */
const keptForItself = 64 + adminConnectionsMax

/**
 * How many connections callers may hold, so that descriptors are left for everything else: a quarter of all, and no less than the store
 * and the process need. A request to an upstream takes one more.
 *
 * @param limit as `readDescriptorLimit` gives it
 * @returns null where there is no limit; 0 or less where the limit leaves no room
 */
export function connectionsMaxOf(
  limit: number | null,
  { databasePoolSize, upstreams }: { readonly databasePoolSize: number; readonly upstreams: readonly unknown[] },
): number | null {
  if (limit === null) return null
  const kept = Math.max(keptForItself + databasePoolSize, Math.floor(limit / 4))
  return Math.floor((limit - kept) / (upstreams.length === 0 ? 1 : 2))
}
