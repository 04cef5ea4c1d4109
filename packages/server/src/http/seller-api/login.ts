import type { SellerLoginFields } from '@lobbykey/contract'
import type { SellerLogin } from '../../core/sellers/seller-login.ts'
import type { SellerFieldsStep } from './seller-call.ts'

/** Value of `X-Token-Advice`: the caller asks for a token while it holds a fresh one. */
const advice = 'reuse; this account has a fresh access token: keep one until it expires, then refresh'

export function loginStep(login: SellerLogin): SellerFieldsStep<SellerLoginFields> {
  return {
    name: 'login',
    run: async (call, fields) => {
      const { sellerId, tokens, isNeedless } = await login.login(fields, call.caller)
      call.answer = tokens
      call.sellerId = sellerId
      if (isNeedless) call.advice = advice
    },
  }
}
