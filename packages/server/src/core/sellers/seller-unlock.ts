import type { EventInput, SellerRecord, SellerSessionStore } from '../../store/store.ts'
import type { LoginThrottle } from '../passwords/login-throttle.ts'

/** Most sessions examined for known addresses. */
const sessionsMax = 1_000

/** Resets a seller's count of wrong passwords, also at its known addresses. */
export async function liftLock(
  sessions: Pick<SellerSessionStore, 'listBySeller'>,
  throttle: LoginThrottle,
  seller: Pick<SellerRecord, 'id' | 'email'>,
  event?: EventInput,
): Promise<void> {
  await throttle.unlock(seller.email, await knownAddresses(sessions, seller.id), event)
}

/** Addresses of a seller's recent logins. */
export async function knownAddresses(sessions: Pick<SellerSessionStore, 'listBySeller'>, sellerId: string): Promise<string[]> {
  const known = await sessions.listBySeller(sellerId, sessionsMax)
  return [...new Set(known.flatMap(({ address }) => (address === null ? [] : [address])))]
}
