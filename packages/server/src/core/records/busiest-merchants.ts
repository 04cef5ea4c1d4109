import type { CallOutcome } from './call-outcome.ts'

/** Merchants counted separately. */
export const merchantsShownMax = 50
/** A newcomer replaces the least busy merchant only when it is this many times as busy, so that names that come and go cause no churn. */
const takeoverFactor = 2

type Counts = Record<CallOutcome, number>

interface Standing {
  /** Since the merchant entered the list; only grows. */
  readonly counts: Counts
  isShown: boolean
  /** Recent calls, halved at each look. */
  recent: number
}

/**
 * Calls by merchant for the busiest ones, and a sum for the rest. Calls made before a merchant entered the list stay in that sum, so that no count
 * ever goes back. Memory is bounded by the number of existing merchants.
 */
export class BusiestMerchants {
  readonly #standings = new Map<string, Standing>()
  readonly #rest = noCalls()
  #shownCount = 0

  /** @param agentId of an existing merchant */
  note(agentId: string, outcome: CallOutcome): void {
    let standing = this.#standings.get(agentId)
    if (standing === undefined) {
      standing = { counts: noCalls(), isShown: false, recent: 0 }
      this.#standings.set(agentId, standing)
      if (this.#shownCount < merchantsShownMax) this.#show(standing)
    }
    standing.recent++
    const counts = standing.isShown ? standing.counts : this.#rest
    counts[outcome]++
  }

  /** One entry per listed merchant, and `other` for the rest. Also decides who is listed from now on. */
  look(): { readonly agentId: string; readonly counts: Readonly<Counts> }[] {
    const shown = [...this.#standings].filter(([, { isShown }]) => isShown)
    const listed = shown.map(([agentId, { counts }]) => ({ agentId, counts: { ...counts } }))
    this.#rank()
    return [...listed, { agentId: 'other', counts: { ...this.#rest } }]
  }

  #rank(): void {
    const all = [...this.#standings.values()]
    const least = all.filter(({ isShown }) => isShown).sort((left, right) => left.recent - right.recent)
    const most = all.filter(({ isShown }) => !isShown).sort((left, right) => right.recent - left.recent)
    for (const [index, standing] of most.entries()) {
      const shown = least[index]
      if (shown === undefined || standing.recent <= shown.recent * takeoverFactor) break
      shown.isShown = false
      this.#shownCount--
      this.#show(standing)
    }
    for (const standing of all) standing.recent /= 2
  }

  #show(standing: Standing): void {
    standing.isShown = true
    this.#shownCount++
  }
}

function noCalls(): Counts {
  return { accepted: 0, refused: 0, limited: 0, failed: 0 }
}
