import type { MerchantStore, MerchantWithKeys } from '../../store/store.ts'
import type { Sealer } from '../base/sealer.ts'
import { merchantKeyPurpose } from '../merchants/merchant-directory.ts'
import type { KnownKeys } from './mistake.ts'

/** How many other merchants' keys are tried: those changed last. */
export const othersMax = 200

/** A merchant, and every key that its signatures may have been made with, decrypted. For operators only. */
export async function loadKnownKeys(
  store: Pick<MerchantStore, 'load' | 'loadLatest'>,
  sealer: Sealer,
  { agentId, knownTo }: { readonly agentId: string; readonly knownTo: readonly string[] | null },
): Promise<{ merchant: MerchantWithKeys; keys: KnownKeys } | null> {
  const [merchant] = knownTo?.includes(agentId) === false ? [] : await store.load([agentId])
  if (merchant === undefined) return null
  const latest = await store.loadLatest(othersMax + 1, knownTo ?? undefined)
  const others = latest.filter((candidate) => candidate.agentId !== agentId).slice(0, othersMax)
  const keys = {
    active: openedKeys(merchant, sealer, 'active'),
    retired: openedKeys(merchant, sealer, 'retired'),
    others: others.flatMap((other) => openedKeys(other, sealer, 'active')),
    ids: merchant.keys.map(({ id }) => id),
  }
  return { merchant, keys }
}

/** Newest first. */
export function openedKeys({ agentId, keys }: MerchantWithKeys, sealer: Sealer, which: 'active' | 'retired'): string[] {
  return keys
    .filter(({ retiredAt }) => (retiredAt === null) === (which === 'active'))
    .map(({ id, sealed }) => Buffer.from(sealer.open(sealed, merchantKeyPurpose(agentId, id))).toString('utf8'))
    .reverse()
}
