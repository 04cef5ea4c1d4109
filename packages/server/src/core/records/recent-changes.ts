import type { WrittenChange } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'

const keptMs = 24 * 3_600_000
/** About 20 MB. */
const keptMax = 100_000

/**
 * Remembers recent ends and restrictions that this process made or heard of, in case the store loses them: the newest change of each subject whose
 * `detail` says what it was. Bounded by time and number; the oldest are dropped first.
 */
export class RecentChanges {
  readonly #clock: Clock
  readonly #keptMax: number
  /** By topic and subject, in order of arrival. */
  readonly #changes = new Map<string, WrittenChange>()
  /** Start of the complete memory. */
  #since: number

  constructor(options: { clock: Clock; keptMax?: number }) {
    this.#clock = options.clock
    this.#keptMax = options.keptMax ?? keptMax
    this.#since = options.clock.now()
  }

  /** Nothing since this time is missing, ms. */
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
