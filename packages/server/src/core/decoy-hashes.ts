import { createHmac } from 'node:crypto'
import type { SellerStore } from '../store/store.ts'

export interface DecoyHashesOptions {
  readonly store: Pick<SellerStore, 'findHashFrom'>
  /** Decides which e-mail meets which account: nobody outside can tell. */
  readonly secret: Uint8Array
  /** Where there is no account at all. */
  readonly none: string
}

/**
 * What the password of an e-mail without account is tried against, so that its refusal takes as long as one of an account (check 7). Accounts
 * may have hashes of many costs (imported ones, older settings): so it is the hash of one of them, for each e-mail always of the same, and
 * e-mails without account show the times of accounts in the proportions of accounts.
 */
export class DecoyHashes {
  readonly #options: DecoyHashesOptions

  constructor(options: DecoyHashesOptions) {
    this.#options = options
  }

  /** @param email normal form */
  async find(email: string): Promise<string> {
    const { store, secret, none } = this.#options
    return (await store.findHashFrom(createHmac('sha256', secret).update(email).digest('base64url'))) ?? none
  }
}
