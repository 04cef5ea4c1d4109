import type { SellerPasswordFields, SellerPasswordResetFields } from '@lobbykey/contract'
import type { SellerPassword } from '../../core/sellers/seller-password.ts'
import { established, type SellerStep } from './seller-call.ts'

export function passwordStep(password: SellerPassword): SellerStep {
  return {
    name: 'password',
    run: async (call) => {
      await password.change(established(call.body) as unknown as SellerPasswordFields, established(call.identity), call.caller)
      call.answer = {}
    },
  }
}

export function passwordResetStep(password: SellerPassword): SellerStep {
  return {
    name: 'password-reset',
    run: async (call) => {
      await password.reset(established(call.body) as unknown as SellerPasswordResetFields, call.caller)
      call.answer = {}
    },
  }
}
