import type { Writable } from 'node:stream'

const width = 30

/** A bar on a terminal; nothing where nobody looks. */
export class Progress {
  readonly #output: Writable & { readonly isTTY?: boolean }
  readonly #total: number
  #done = 0
  #shown = -1

  constructor(output: Writable & { readonly isTTY?: boolean }, total: number) {
    this.#output = output
    this.#total = total
  }

  add(amount: number): void {
    this.#done += amount
    const percent = Math.min(100, Math.floor((this.#done / Math.max(1, this.#total)) * 100))
    if (this.#output.isTTY !== true || percent === this.#shown) return
    this.#shown = percent
    const filled = Math.floor((percent / 100) * width)
    this.#output.write(`\r[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${percent} %`)
  }

  end(): void {
    if (this.#shown >= 0) this.#output.write('\r\u001b[K')
  }
}
