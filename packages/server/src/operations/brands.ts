import type { AdminOutput } from '@lobbykey/contract/admin'
import { BrandAdmin, type BrandChanges } from '../core/brands/brand-admin.ts'
import { colorAdjustments } from '../core/brands/brand-colors.ts'
import type { BrandRecord } from '../store/store.ts'
import type { Caller } from './caller.ts'
import { readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

type Names = Extract<keyof Handlers, `brand.${string}`>

export function brandHandlers({ store, clock }: OperationParts): Handlers<Names> {
  const adminOf = ({ origin }: Caller) => new BrandAdmin({ store: store.brands, merchants: store.merchants, clock, origin })
  return {
    'brand.list': (page, caller) =>
      readPage(
        page,
        ({ limit, after: afterAgentId }) => adminOf(caller).list({ limit, afterAgentId, agentIds: caller.agentIds ?? undefined }),
        ({ agentId }) => agentId,
        view,
      ),

    'brand.show': async ({ agentId }, caller) => {
      const { brand, logo } = await adminOf(caller).getWithLogo(agentId)
      if (logo === null) return { ...view(brand), logo: null }
      const { bytes, ...facts } = logo
      return { ...view(brand), logo: { ...facts, data: Buffer.from(bytes).toString('base64') } }
    },

    'brand.set': async ({ agentId, logo, ...settings }, caller) => {
      const file = logo === undefined || logo === null ? logo : Buffer.from(logo, 'base64')
      return view(await adminOf(caller).set(agentId, { ...settings, ...(file === undefined ? {} : { logo: file }) } as BrandChanges))
    },

    'brand.remove': async ({ agentId }, caller) => {
      await adminOf(caller).remove(agentId)
      return { agentId, removed: true }
    },
  }
}

function view({ createdAt, updatedAt, ...brand }: BrandRecord): AdminOutput<'brand.set'> {
  return { ...brand, adjustments: colorAdjustments(brand.accentColor), createdAt: timeValue(createdAt), updatedAt: timeValue(updatedAt) }
}
