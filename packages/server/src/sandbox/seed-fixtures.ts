import { MemberAdmin } from '../core/members/member-admin.ts'
import { MerchantAdmin } from '../core/merchants/merchant-admin.ts'
import { openSellerAdmin } from '../core/sellers/open-seller-admin.ts'
import { fixtureSettings, memberFixtures, merchantFixtures, sellerFixtures } from './fixtures.ts'
import { sampleMember, sampleMerchant, sampleSeller } from './sample-partners.ts'
import { listOrigin, type SeedOptions } from './seed.ts'

/** Adds the fixtures to the store, once: existing ones stay unchanged, but for the sandbox's origin. */
export async function seedFixtures(options: SeedOptions): Promise<void> {
  await seedMerchants(options)
  await seedMembers(options)
  await seedSellers(options)
}

async function seedMerchants({ store, sealer, clock, settings }: SeedOptions): Promise<void> {
  const merchants = new MerchantAdmin({ store: store.merchants, sealer, clock, origin: { surface: 'server' } })
  const members = new MemberAdmin({ store, clock, origin: { surface: 'server' } })
  const known = new Set((await store.merchants.load()).map(({ agentId }) => agentId))
  for (const fixture of merchantFixtures) {
    const { agentId, isDisabled } = fixture
    if (known.has(agentId)) {
      await listOrigin(merchants, agentId, settings.publicUrl)
      continue
    }
    await merchants.add(agentId, fixtureSettings(settings.publicUrl, fixture), sampleMerchant.key)
    await members.add(agentId, sampleMember.userId)
    if (isDisabled) await merchants.setStatus(agentId, 'disabled')
  }
}

async function seedMembers({ store, clock }: SeedOptions): Promise<void> {
  const members = new MemberAdmin({ store, clock, origin: { surface: 'server' } })
  for (const { userId, status } of memberFixtures) {
    if ((await store.members.find(sampleMerchant.agentId, userId)) !== null) continue
    await members.add(sampleMerchant.agentId, userId)
    await members.setStatus(sampleMerchant.agentId, userId, status)
  }
}

async function seedSellers(options: SeedOptions): Promise<void> {
  const missing = []
  for (const fixture of sellerFixtures) {
    if ((await options.store.sellers.findByEmail(fixture.email)) === null) missing.push(fixture)
  }
  if (missing.length === 0) return
  const sellers = await openSellerAdmin({ ...options, origin: { surface: 'server' } })
  for (const { email, state } of missing) {
    await sellers.add(email, sampleSeller.password)
    if (state === 'disabled') await sellers.setStatus(email, 'disabled')
    else await sellers.lock(email)
  }
}
