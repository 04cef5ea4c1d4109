/**
 * The last seconds of a process (check 90): it is asked to end, says so on `/readyz`, and still serves, until whoever deals out requests has
 * heard of it. Every answer then ends its connection, so that the next request goes elsewhere instead of into a connection that closes.
 */
export class Drain {
  #hasBegun = false
  readonly #listeners: (() => void)[] = []

  get hasBegun(): boolean {
    return this.#hasBegun
  }

  onBegin(listener: () => void): void {
    this.#listeners.push(listener)
  }

  begin(): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    for (const listener of this.#listeners) listener()
  }
}
