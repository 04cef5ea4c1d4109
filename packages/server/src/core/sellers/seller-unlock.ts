import type { EventInput, SellerRecord, SellerSessionStore } from '../../store/store.ts'
import type { LoginThrottle } from '../passwords/login-throttle.ts'

/** Sessions whose addresses are looked through for counters of known addresses. */
const sessionsMax = 1_000

/** Forgets a seller's wrong passwords, those at addresses it is known from too. */
export async function liftLock(
  sessions: Pick<SellerSessionStore, 'listBySeller'>,
  throttle: LoginThrottle,
  seller: Pick<SellerRecord, 'id' | 'email'>,
  event?: EventInput,
): Promise<void> {
  const known = await sessions.listBySeller(seller.id, sessionsMax)
  await throttle.unlock(
    seller.email,
    known.flatMap(({ address }) => (address === null ? [] : [address])),
    event,
  )
}
