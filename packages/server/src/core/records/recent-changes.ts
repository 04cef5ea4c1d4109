import type { WrittenChange } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'

const keptMs = 24 * 3_600_000
/** Some 20 MB. */
const keptMax = 100_000

/**
 * What was ended or restricted lately, as this process has heard or done it, for a store that forgets it: the newest change of each subject whose
 * `detail` says what it was. Bounded by time and number; the oldest leave first.
 */
export class RecentChanges {
  readonly #clock: Clock
  readonly #keptMax: number
  /** By topic and subject, in the order in which they came. */
  readonly #changes = new Map<string, WrittenChange>()
  /** From when on all is remembered. */
  #since: number

  constructor(options: { clock: Clock; keptMax?: number }) {
    this.#clock = options.clock
    this.#keptMax = options.keptMax ?? keptMax
    this.#since = options.clock.now()
  }

  /** From when on nothing is missing here, ms. */
  get since(): number {
    return this.#since
  }

  note(changes: readonly WrittenChange[]): void {
    for (const { topic, subject, at, detail } of changes) {
      const key = `${topic} ${subject}`
      this.#changes.delete(key)
      if (detail !== null && topic !== 'store') this.#changes.set(key, { topic, subject, at, detail })
    }
    const oldest = this.#clock.now() - keptMs
    for (const [key, { at }] of this.#changes) {
      if (at > oldest && this.#changes.size <= this.#keptMax) return
      this.#changes.delete(key)
      this.#since = Math.max(this.#since, at)
    }
  }

  list(topic: WrittenChange['topic']): WrittenChange[] {
    return [...this.#changes.values()].filter((change) => change.topic === topic)
  }
}
