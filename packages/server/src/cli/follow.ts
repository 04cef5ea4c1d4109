import { setTimeout as delay } from 'node:timers/promises'
import type { CommandContext } from './command-context.ts'

const everyMs = 1_000

/** Shows the first items, oldest first, then new ones, until the process is asked to end. */
export async function followNew<Item>(
  context: CommandContext,
  first: readonly Item[],
  { read, show }: { readonly read: () => Promise<readonly Item[]>; readonly show: (item: Item) => void },
): Promise<void> {
  const stop = new AbortController()
  void context.untilSignal().then(() => stop.abort())
  let batch = first
  for (;;) {
    for (const item of batch.toReversed()) show(item)
    if (stop.signal.aborted) return
    await delay(everyMs, undefined, { signal: stop.signal }).catch(() => undefined)
    batch = await read()
  }
}

/** Numbers already read. Processes may write out of order, so an item up to `lateMax` behind the newest can still appear. */
export class Seen {
  static readonly lateMax = 1_000
  readonly #numbers = new Set<number>()
  #newest = 0

  /** Where to read from. */
  get position(): number {
    return Math.max(0, this.#newest - Seen.lateMax)
  }

  /** False if already read. */
  add(number: number): boolean {
    if (this.#numbers.has(number)) return false
    this.#numbers.add(number)
    this.#newest = Math.max(this.#newest, number)
    for (const seen of this.#numbers) if (seen < this.position) this.#numbers.delete(seen)
    return true
  }
}
