import type { SellerSessions } from '../../core/sellers/seller-sessions.ts'
import { established, type SellerStep } from './seller-call.ts'

export function meStep(sessions: SellerSessions): SellerStep {
  return {
    name: 'me',
    run: async (call) => {
      call.answer = await sessions.describe(established(call.identity))
    },
  }
}
