import type { MerchantKeyRecord } from '../../store/store.ts'

/** How long a key must be unused before it is presumed out of use: a day covers nightly jobs. */
export const keyQuietMs = 86_400_000

export type KeyRetirement = { readonly safeFrom: number } | { readonly safeFrom: null; readonly because: string }

/**
 * When an active key can be retired safely: once another key is in use and this one has been unused for a day. Using it again restarts
 * the day.
 */
export function keyRetirement(key: MerchantKeyRecord, keys: readonly MerchantKeyRecord[]): KeyRetirement {
  const others = keys.filter((other) => other.retiredAt === null && other.id !== key.id)
  if (others.length === 0) return { safeFrom: null, because: 'it is the only active key' }
  if (others.every((other) => other.lastUsedAt === null)) return { safeFrom: null, because: 'no other key has verified a request yet' }
  return { safeFrom: (key.lastUsedAt ?? key.createdAt) + keyQuietMs }
}
