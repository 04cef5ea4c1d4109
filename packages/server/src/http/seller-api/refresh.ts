import type { SellerRefreshFields } from '@lobbykey/contract'
import type { SellerRefresh } from '../../core/sellers/seller-refresh.ts'
import type { SellerFieldsStep } from './seller-call.ts'

export function refreshStep(refresh: SellerRefresh): SellerFieldsStep<SellerRefreshFields> {
  return {
    name: 'refresh',
    run: async (call, fields) => {
      const { sellerId, tokens } = await refresh.refresh(fields, call.caller)
      call.answer = tokens
      call.sellerId = sellerId
    },
  }
}
