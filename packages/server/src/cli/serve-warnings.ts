import type { Settings } from '../config/settings.ts'
import { connectionsMaxOf, descriptorsWanted, readDescriptorLimit } from '../core/base/descriptors.ts'
import { allMerchants } from '../core/merchants/all-merchants.ts'
import { exactOrigin } from '../core/merchants/merchant-admin.ts'
import { appLinkKey } from '../core/merchants/verify-callback.ts'
import type { Store } from '../store/store.ts'
import { findNodeWarning } from './node-release.ts'

/** Problems that do not prevent a start but should be fixed. */
export function machineWarnings(): string[] {
  const limit = readDescriptorLimit()
  const few =
    limit !== null && limit < descriptorsWanted
      ? `this process may open ${limit} files and connections: raise LimitNOFILE (ulimit -n) to ${descriptorsWanted} or more`
      : null
  return [findNodeWarning(process.versions.node), few].filter((warning) => warning !== null)
}

/** Null unless the descriptor limit leaves no room for callers. */
export function findDescriptorProblem(settings: Pick<Settings, 'databasePoolSize' | 'upstreams'>): string | null {
  const limit = readDescriptorLimit()
  const max = connectionsMaxOf(limit, settings)
  if (max === null || max > 0) return null
  return `LimitNOFILE (ulimit -n): ${limit} files and connections leave none for callers; raise it to ${descriptorsWanted} or more`
}

/** Merchant settings that an earlier version accepted and that match nothing. */
export async function merchantWarnings(store: Pick<Store, 'merchants'>): Promise<string[]> {
  const warnings: string[] = []
  for await (const { agentId, settings } of allMerchants(store.merchants)) {
    const wrong = settings.callbackOrigins.filter((origin) => exactOrigin(origin) === null && appLinkKey(origin) === null)
    warnings.push(
      ...wrong.map((origin) => `merchant ${agentId} has the callback origin ${origin}, which matches no callback: name each origin`),
    )
  }
  return warnings
}
