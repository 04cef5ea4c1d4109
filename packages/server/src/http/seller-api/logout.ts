import type { SellerSessions } from '../../core/sellers/seller-sessions.ts'
import { established, type SellerStep } from './seller-call.ts'

export function logoutStep(sessions: SellerSessions): SellerStep {
  return {
    name: 'logout',
    run: async (call) => {
      await sessions.logout(established(call.identity), call.caller)
      call.answer = {}
    },
  }
}
