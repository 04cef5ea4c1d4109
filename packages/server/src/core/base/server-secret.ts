import type { MetaStore } from '../../store/store.ts'
import { randomSecret } from './random.ts'
import type { Sealer } from './sealer.ts'

/** A random secret of 32 bytes shared by every process on the store: created on first use, encrypted in the store's `meta`. */
export async function findServerSecret(meta: MetaStore, sealer: Sealer, name: string): Promise<Uint8Array> {
  const purpose = `server-secret:${name}`
  const key = `server-secret.${name}`
  const sealed = (await meta.find(key)) ?? (await meta.putIfAbsent(key, sealer.seal(randomSecret(32), purpose)))
  return sealer.open(sealed, purpose)
}
