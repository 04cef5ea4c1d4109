import { isGatewayError } from '@lobbykey/contract'
import type { Settings } from '../config/settings.ts'
import type { Clock } from '../core/base/clock.ts'
import type { Sealer } from '../core/base/sealer.ts'
import { MemberAdmin } from '../core/members/member-admin.ts'
import { MerchantAdmin } from '../core/merchants/merchant-admin.ts'
import { openSellerAdmin } from '../core/sellers/open-seller-admin.ts'
import type { Store } from '../store/store.ts'
import { sampleCatalogue, sampleMember, sampleMerchant, sampleMerchantSettings, sampleSeller } from './sample-partners.ts'

/** Marks a store with sample secrets, which `serve` refuses. */
export const sandboxMark = 'sandbox'

export interface SeedOptions {
  readonly store: Store
  readonly sealer: Sealer
  readonly clock: Clock
  readonly settings: Settings
}

/** Adds missing sample partners to the store; manual changes are kept. */
export async function seedSandbox(options: SeedOptions): Promise<void> {
  const { store, sealer, clock, settings } = options
  const origin = { surface: 'server' } as const
  await store.meta.putIfAbsent(sandboxMark, Buffer.from('made by lobbykey sandbox'))
  await seedMerchant(new MerchantAdmin({ store: store.merchants, sealer, clock, origin }), settings.publicUrl)
  await unlessThere(new MemberAdmin({ store, clock, origin }).add(sampleMerchant.agentId, sampleMember.userId))
  if ((await store.catalogue.load()).games.length === 0) {
    await store.catalogue.replace(sampleCatalogue, { at: clock.now(), kind: 'catalogue.replaced', ...origin })
  }
  if ((await store.sellers.findByEmail(sampleSeller.email)) === null) {
    const sellers = await openSellerAdmin({ store, sealer, clock, settings, origin })
    await unlessThere(sellers.add(sampleSeller.email, sampleSeller.password))
  }
}

async function seedMerchant(merchants: MerchantAdmin, origin: string): Promise<void> {
  await unlessThere(merchants.add(sampleMerchant.agentId, sampleMerchantSettings(origin), sampleMerchant.key))
  await listOrigin(merchants, sampleMerchant.agentId, origin)
}

/** The sandbox may listen elsewhere than last time: adds its origin to the existing list. */
export async function listOrigin(merchants: MerchantAdmin, agentId: string, origin: string): Promise<void> {
  const { settings } = await merchants.get(agentId)
  if (settings.callbackOrigins.includes(origin)) return
  await merchants.update(agentId, { callbackOrigins: [...settings.callbackOrigins, origin] })
}

async function unlessThere(added: Promise<unknown>): Promise<void> {
  try {
    await added
  } catch (error) {
    if (!isGatewayError(error) || (error.key !== 'already_exists' && error.key !== 'member_exists')) throw error
  }
}
