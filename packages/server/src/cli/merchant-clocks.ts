import { timestampWindowMs } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { clockWarningMs } from '../core/merchants/clock-radar.ts'

/** In whole seconds; smaller differences are network delay. */
export function clockText(clock: AdminOutput<'merchant.show'>['clock']): string {
  if (clock === null) return 'not seen yet'
  const seconds = Math.round(Math.abs(clock.differenceMs) / 1_000)
  const off = seconds === 0 ? 'right' : `${seconds} s ${clock.differenceMs > 0 ? 'ahead' : 'behind'}`
  return Math.abs(clock.differenceMs) > clockWarningMs ? `${off}: refused beyond ${timestampWindowMs / 1_000} s` : off
}
