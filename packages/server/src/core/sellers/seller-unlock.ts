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
  await throttle.unlock(seller.email, await knownAddresses(sessions, seller.id), event)
}

/** Where a seller has logged in from lately. */
export async function knownAddresses(sessions: Pick<SellerSessionStore, 'listBySeller'>, sellerId: string): Promise<string[]> {
  const known = await sessions.listBySeller(sellerId, sessionsMax)
  return [...new Set(known.flatMap(({ address }) => (address === null ? [] : [address])))]
}
