/**
 * The last seconds of a process (check 90): after the signal it answers 503 on `/readyz` but still serves, until load balancers have noticed. Every
 * answer then closes its connection, so that the next request goes elsewhere instead of into a closing connection.
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
