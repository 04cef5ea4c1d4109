import { clockWarningMs } from '../core/merchants/clock-radar.ts'
import type { MerchantClock, MerchantClockStore } from '../store/store.ts'
import { timeValue } from './command-context.ts'

/** How far merchants' clocks are off, by agentId; none for one that has not called yet. */
export type MerchantClocks = ReadonlyMap<string, MerchantClock>

export async function loadClocks(store: MerchantClockStore): Promise<MerchantClocks> {
  return new Map((await store.load()).map((clock) => [clock.agentId, clock]))
}

/** In whole seconds: less is the way of the network. */
export function clockText(clock: MerchantClock | undefined): string {
  if (clock === undefined) return 'not seen yet'
  const seconds = Math.round(Math.abs(clock.differenceMs) / 1_000)
  const off = seconds === 0 ? 'right' : `${seconds} s ${clock.differenceMs > 0 ? 'ahead' : 'behind'}`
  return Math.abs(clock.differenceMs) > clockWarningMs ? `${off}: refused beyond 600 s` : off
}

export function clockValue(clock: MerchantClock | undefined) {
  return clock === undefined ? null : { differenceMs: clock.differenceMs, measuredAt: timeValue(clock.measuredAt) }
}
