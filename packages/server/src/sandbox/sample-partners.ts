/** The sandbox's sample partners, from the examples in the two source documents. Never allowed in production. */
import { publishedKey } from '@lobbykey/contract'
import { defaultMerchantSettings } from '../core/merchants/merchant-admin.ts'
import type { Catalogue, MerchantSettings } from '../store/store.ts'

export const sampleMerchant = { agentId: 'agent001', key: publishedKey } as const
export const sampleMember = { userId: 'uid001' } as const
export const sampleSeller = { email: 'seller@example.com', password: 'sandbox-orchard-lantern' } as const

/** Values that the playground fills in for newcomers. */
export const playgroundSamples = { merchantKey: sampleMerchant.key, seller: sampleSeller } as const

/** @param origin the sandbox's own, where the merchant-home page is */
export function sampleMerchantSettings(origin: string): MerchantSettings {
  return {
    ...defaultMerchantSettings,
    currencies: ['VND2', 'USD', 'VND'],
    allow: ['127.0.0.0/8', '::1'],
    callbackOrigins: [...new Set(['https://h5-uat.aig1234.com', origin])],
  }
}

const limitsOfGame = { '101': ['110101', '110102', '110103'], '102': ['110201', '110202', '110203', '110204'] } as const

/** Games 101 and 102, table DYfsRc, and the bet limits in the contract's sample request, for each of the merchant's currencies. */
export const sampleCatalogue: Catalogue = {
  games: [
    { gameId: '101', names: { en: 'Baccarat', zh: '百家乐', vi: 'Baccarat' } },
    { gameId: '102', names: { en: 'Dragon Tiger', zh: '龙虎', vi: 'Rồng Hổ' } },
  ],
  tables: [{ gameId: '101', instId: 'DYfsRc', names: { en: 'Table 1' }, status: 1 }],
  limits: ['VND2', 'USD', 'VND'].flatMap((currency) =>
    Object.entries(limitsOfGame).flatMap(([gameId, ids]) =>
      ids.map((redId, index) => ({
        redId,
        gameId,
        currency,
        minLimit: String(currency === 'USD' ? 10 ** index : 10_000 * 10 ** index),
        maxLimit: String(currency === 'USD' ? 100 * 10 ** index : 1_000_000 * 10 ** index),
        seq: index + 1,
        status: 1 as const,
      })),
    ),
  ),
}
