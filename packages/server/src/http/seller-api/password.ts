import type { SellerPasswordFields, SellerPasswordResetFields } from '@lobbykey/contract'
import type { SellerPassword } from '../../core/sellers/seller-password.ts'
import { established, type SellerFieldsStep } from './seller-call.ts'

export function passwordStep(password: SellerPassword): SellerFieldsStep<SellerPasswordFields> {
  return {
    name: 'password',
    run: async (call, fields) => {
      await password.change(fields, established(call.identity), call.caller)
      call.answer = {}
    },
  }
}

export function passwordResetStep(password: SellerPassword): SellerFieldsStep<SellerPasswordResetFields> {
  return {
    name: 'password-reset',
    run: async (call, fields) => {
      await password.reset(fields, call.caller)
      call.answer = {}
    },
  }
}
