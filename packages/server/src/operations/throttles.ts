import type { AdminOutput } from '@lobbykey/contract/admin'
import { LoginThrottle } from '../core/passwords/login-throttle.ts'
import { type FoundThrottle, SellerThrottles } from '../core/sellers/seller-throttles.ts'
import type { Caller } from './caller.ts'
import { readPage } from './pages.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

type Names = Extract<keyof Handlers, `throttle.${string}`>

export function throttleHandlers({ store, clock, sealer, settings }: OperationParts): Handlers<Names> {
  const throttlesOf = async ({ origin }: Caller) => {
    const throttle = await LoginThrottle.open({ store, clock, sealer: await sealer(), settings })
    return new SellerThrottles({ store, throttle, clock, origin })
  }
  return {
    'throttle.list': async ({ email, address, ...page }, caller) => {
      const throttles = await throttlesOf(caller)
      return readPage(
        page,
        (rows) => throttles.list({ email, address }, rows),
        ({ key }) => key,
        view,
      )
    },

    'throttle.clear': async ({ throttleId: key, ...whose }, caller) => ({
      cleared: await (await throttlesOf(caller)).clear({ key, ...whose }),
    }),
  }
}

function view({ key, kind, state, failures, lastFailedAt }: FoundThrottle): AdminOutput<'throttle.list'>['items'][number] {
  return {
    throttleId: key,
    kind,
    state: state?.state ?? null,
    failures,
    lastFailedAt: timeValue(lastFailedAt),
    retryAt: timeValue(state?.retryAt ?? null),
  }
}
