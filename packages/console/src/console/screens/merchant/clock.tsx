import { type AdminOutput, clockRightWithinMs } from '@lobbykey/contract/admin'
import { State } from '../../parts/page.tsx'
import { duration } from '../../parts/time.tsx'
import { t } from '../../texts/texts.ts'

type MerchantClock = AdminOutput<'merchant.show'>['clock']

/** Less is the way through the network. */
const exactMs = 500

function isClockOff(clock: MerchantClock): boolean {
  return clock !== null && Math.abs(clock.differenceMs) > clockRightWithinMs
}

/** How far a merchant's clock is off, by its recent calls. */
export function Clock({ clock }: { readonly clock: MerchantClock }) {
  if (clock === null) return <span className="soft">{t.merchant.clockUnknown}</span>
  const { differenceMs } = clock
  if (Math.abs(differenceMs) < exactMs) return <span>{t.merchant.clockExact}</span>
  const text = duration(Math.abs(differenceMs))
  const offset = differenceMs >= 0 ? t.now.ahead(text) : t.now.behind(text)
  return isClockOff(clock) ? <State tone="warn">{offset}</State> : <span>{t.merchant.clockRight(offset)}</span>
}
