import type { Writable } from 'node:stream'

const width = 30
const printEveryPercent = 10

export interface ProgressOptions {
  /** Without a terminal, print a line every ten percent. */
  readonly printsLines?: boolean
}

/** A progress bar on a terminal; elsewhere nothing or occasional lines. */
export class Progress {
  readonly #output: Writable & { readonly isTTY?: boolean }
  readonly #total: number
  readonly #printsLines: boolean
  #done = 0
  #shown = -1

  constructor(output: Writable & { readonly isTTY?: boolean }, total: number, { printsLines = false }: ProgressOptions = {}) {
    this.#output = output
    this.#total = total
    this.#printsLines = printsLines
  }

  add(amount: number): void {
    this.#done += amount
    const percent = Math.min(100, Math.floor((this.#done / Math.max(1, this.#total)) * 100))
    if (this.#output.isTTY === true) this.#draw(percent)
    else if (this.#printsLines) this.#print(percent - (percent % printEveryPercent))
  }

  end(): void {
    if (this.#output.isTTY === true && this.#shown >= 0) this.#output.write('\r\u001b[K')
  }

  #draw(percent: number): void {
    if (percent === this.#shown) return
    this.#shown = percent
    const filled = Math.floor((percent / 100) * width)
    this.#output.write(`\r[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${percent} %`)
  }

  #print(percent: number): void {
    if (percent <= Math.max(this.#shown, 0)) return
    this.#shown = percent
    this.#output.write(`${percent} %\n`)
  }
}
