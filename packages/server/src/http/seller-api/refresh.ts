import type { SellerRefreshFields } from '@lobbykey/contract'
import type { SellerRefresh } from '../../core/sellers/seller-refresh.ts'
import { established, type SellerStep } from './seller-call.ts'

export function refreshStep(refresh: SellerRefresh): SellerStep {
  return {
    name: 'refresh',
    run: async (call) => {
      call.answer = await refresh.refresh(established(call.body) as unknown as SellerRefreshFields, call.caller)
    },
  }
}
