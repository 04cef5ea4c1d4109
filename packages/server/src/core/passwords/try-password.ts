import { isGatewayError } from '@lobbykey/contract'
import type { LoginAttempt, LoginThrottle } from './login-throttle.ts'
import type { LoginTry } from './login-try.ts'
import type { PasswordLane, Patience, Place } from './password-lane.ts'

export interface PasswordTry {
  readonly loginTry: LoginTry
  readonly place: Place
  readonly isRight: boolean
}

/**
 * The only way to check a password, a seller's or an operator's: through the throttle, which costs no place, then the lane, then the hash. The
 * caller decides the attempt and leaves the place.
 *
 * @param request.isProven the caller has authenticated otherwise and precedes strangers
 * @throws GatewayError throttled, login_busy; the signal's reason if the caller is gone
 */
export async function tryPassword(
  { throttle, lane }: { readonly throttle: LoginThrottle; readonly lane: PasswordLane },
  attempt: LoginAttempt,
  { patience, isProven }: { readonly patience: Patience; readonly isProven: boolean },
  hash: () => Promise<boolean>,
): Promise<PasswordTry> {
  let loginTry: LoginTry | undefined
  let place: Place | undefined
  try {
    loginTry = await throttle.begin(attempt)
    place = lane.enter({ patience, source: throttle.addressKey(attempt.address), isKnown: isProven || attempt.isKnownAddress })
    await loginTry.admit(place.patience)
    return { loginTry, place, isRight: await place.run(hash) }
  } catch (error) {
    loginTry?.release()
    place?.leave()
    if (isGatewayError(error) && !isProven) {
      if (error.key === 'login_busy') throttle.countTurnedAway(attempt)
      if (error.key === 'login_busy' || error.key === 'throttled') await throttle.holdRefusal(attempt, patience)
    }
    throw error
  }
}
