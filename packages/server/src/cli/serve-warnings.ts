import type { Settings } from '../config/settings.ts'
import { connectionsMaxOf, descriptorsWanted, readDescriptorLimit } from '../core/base/descriptors.ts'
import { exactOrigin } from '../core/merchants/merchant-admin.ts'
import type { Store } from '../store/store.ts'
import { findNodeWarning } from './node-release.ts'

/** What forbids no start and should not stay. */
export function machineWarnings(): string[] {
  const limit = readDescriptorLimit()
  const few =
    limit !== null && limit < descriptorsWanted
      ? `this process may open ${limit} files and connections: raise LimitNOFILE (ulimit -n) to ${descriptorsWanted} or more`
      : null
  return [findNodeWarning(process.versions.node), few].filter((warning) => warning !== null)
}

/** Null unless so few files may be open that callers would find no room. */
export function findDescriptorProblem(settings: Pick<Settings, 'databasePoolSize' | 'upstreams'>): string | null {
  const limit = readDescriptorLimit()
  const max = connectionsMaxOf(limit, settings)
  if (max === null || max > 0) return null
  return `LimitNOFILE (ulimit -n): ${limit} files and connections leave none for callers; raise it to ${descriptorsWanted} or more`
}

/** Settings of merchants that an earlier version took and that can match nothing. */
export async function merchantWarnings(store: Pick<Store, 'merchants'>): Promise<string[]> {
  const merchants = await store.merchants.load()
  return merchants.flatMap(({ agentId, settings }) =>
    settings.callbackOrigins
      .filter((origin) => exactOrigin(origin) === null)
      .map((origin) => `merchant ${agentId} has the callback origin ${origin}, which no callback has: name each origin`),
  )
}
