/** Work that is done again and again in the background, never twice at once: while it goes on, a turn is left out. */
export class RepeatedTask {
  readonly #everyMs: number
  readonly #work: () => Promise<void>
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null

  /** @param work never rejects */
  constructor(everyMs: number, work: () => Promise<void>) {
    this.#everyMs = everyMs
    this.#work = work
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.#work().finally(() => {
        this.#running = null
      })
    }, this.#everyMs).unref()
  }

  /** Begins no more, and waits for what goes on. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#running
  }
}
