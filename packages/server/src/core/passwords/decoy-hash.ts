import { createHmac } from 'node:crypto'

/**
 * From which account on to take the hash that the password of an e-mail without account is tried against (`SellerStore.findForLogin`), so
 * that its refusal takes as long as one of an account (check 7). Accounts may have hashes of many costs (imported ones, older settings): so
 * it is the hash of one of them, for each e-mail always of the same, and e-mails without account show the times of accounts in the
 * proportions of accounts.
 *
 * @param secret decides which e-mail meets which account: nobody outside can tell
 * @param email normal form
 */
export function decoyPlace(secret: Uint8Array, email: string): string {
  return createHmac('sha256', secret).update(email).digest('base64url')
}
