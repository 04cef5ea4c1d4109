/** A queue in which sources take turns; items of one source keep their order. */
export class FairQueue<Item> {
  /** In the order of their turns. */
  readonly #sources = new Map<string, Item[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(source: string, item: Item): void {
    const items = this.#sources.get(source)
    if (items === undefined) this.#sources.set(source, [item])
    else items.push(item)
    this.#size++
  }

  /** Takes the next item. */
  shift(): Item | undefined {
    const [next] = this.#sources
    if (next === undefined) return undefined
    const [source, items] = next
    const item = items.shift()
    this.#sources.delete(source)
    if (items.length > 0) this.#sources.set(source, items)
    this.#size--
    return item
  }

  delete(source: string, item: Item): void {
    const items = this.#sources.get(source)
    const index = items?.indexOf(item) ?? -1
    if (items === undefined || index < 0) return
    items.splice(index, 1)
    if (items.length === 0) this.#sources.delete(source)
    this.#size--
  }

  /** Upper bound of items ahead of one added now. */
  countBefore(source: string): number {
    const own = this.#sources.get(source)?.length ?? 0
    let count = own
    for (const [other, items] of this.#sources) if (other !== source) count += Math.min(items.length, own + 1)
    return count
  }
}
