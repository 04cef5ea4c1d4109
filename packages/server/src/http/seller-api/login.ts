import type { SellerLoginFields } from '@lobbykey/contract'
import type { SellerLogin } from '../../core/seller-login.ts'
import { established, type SellerStep } from './seller-call.ts'

export function loginStep(login: SellerLogin): SellerStep {
  return {
    name: 'login',
    run: async (call) => {
      call.answer = await login.login(established(call.body) as unknown as SellerLoginFields, call.caller)
    },
  }
}
