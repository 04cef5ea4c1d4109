export interface MinuteSharesOptions {
  /** What each owner may take per minute, and how much of that per address. */
  readonly perOwner: number
  readonly perAddress: number
  /** What all may take together beyond the first `perAddress` of each owner, which is always reserved. */
  readonly total: number
}

const minuteMs = 60_000

/**
 * Divides space in a shared record, per minute: a share per owner, and within it a share per address, so that nobody uses up another's.
 * Owners must exist, so memory is bounded by their number and by the shares.
 */
export class MinuteShares {
  readonly #options: MinuteSharesOptions
  #minute = Number.NEGATIVE_INFINITY
  #taken = new Map<string, number>()
  #beyond = 0

  constructor(options: MinuteSharesOptions) {
    this.#options = options
  }

  /** False when this share or the total is used up. */
  take(owner: string, address: string | null, now: number): boolean {
    const minute = Math.floor(now / minuteMs)
    if (isAnotherMinute(minute, this.#minute)) {
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

/**
 * Whether a minute is over. Calls of the minute before may still come and do not start it again; but a clock that had run ahead and was set
 * right does, else nothing would start anew until that time is reached.
 */
export function isAnotherMinute(minute: number, current: number): boolean {
  return minute > current || minute < current - 1
}
