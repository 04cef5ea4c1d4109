export interface MinuteSharesOptions {
  /** What each owner may take in a minute, and of that each address. */
  readonly perOwner: number
  readonly perAddress: number
  /** What all may take together beyond the first `perAddress` of each owner, which nobody can take from it. */
  readonly total: number
}

const minuteMs = 60_000

/**
 * Room in a record that callers share, by the minute: a share an owner, and within it a share an address, so that nobody takes another's.
 * Owners are those that there are, so that memory is bounded by them and by what can be taken.
 */
export class MinuteShares {
  readonly #options: MinuteSharesOptions
  #minute = Number.NEGATIVE_INFINITY
  #taken = new Map<string, number>()
  #beyond = 0

  constructor(options: MinuteSharesOptions) {
    this.#options = options
  }

  /** False when the share is used up, or all of them. */
  take(owner: string, address: string | null, now: number): boolean {
    const minute = Math.floor(now / minuteMs)
    // A clock that went back opens no second minute.
    if (minute > this.#minute) {
      this.#minute = minute
      this.#taken = new Map()
      this.#beyond = 0
    }
    const { perOwner, perAddress, total } = this.#options
    const addressKey = `${owner}|${address}`
    const [ofOwner, ofAddress] = [this.#taken.get(owner) ?? 0, this.#taken.get(addressKey) ?? 0]
    if (ofOwner >= perOwner || ofAddress >= perAddress) return false
    if (ofOwner >= perAddress && this.#beyond++ >= total) return false
    this.#taken.set(owner, ofOwner + 1)
    this.#taken.set(addressKey, ofAddress + 1)
    return true
  }
}
