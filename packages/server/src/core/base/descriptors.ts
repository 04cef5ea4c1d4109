import { readFileSync } from 'node:fs'

/** How many files and connections this process may open; null if unknown (known on Linux). */
export function readDescriptorLimit(): number | null {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined || soft === 'unlimited' ? null : Number(soft)
  } catch {
    return null
  }
}

/** With fewer, the server warns at its start. */
export const descriptorsWanted = 8_192

/** Connections reserved for operators and their programs. */
export const adminConnectionsMax = 64

/** For files, the log, workers' channels and everything else beside the store. */
const keptForItself = 64 + adminConnectionsMax

/**
 * How many connections callers may open. A quarter of all descriptors, and at least what the store and the process need, is left for
 * everything else. A request to an upstream takes one more.
 *
 * @param limit from `readDescriptorLimit`
 * @returns null if there is no limit; 0 or less if the limit leaves no room
 */
export function connectionsMaxOf(
  limit: number | null,
  { databasePoolSize, upstreams }: { readonly databasePoolSize: number; readonly upstreams: readonly unknown[] },
): number | null {
  if (limit === null) return null
  const kept = Math.max(keptForItself + databasePoolSize, Math.floor(limit / 4))
  return Math.floor((limit - kept) / (upstreams.length === 0 ? 1 : 2))
}
