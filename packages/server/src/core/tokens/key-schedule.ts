import type { KeyRotation } from './key-rotation.ts'

const intervalMs = 60_000

/** Rotates keys on schedule while the server runs. */
export class KeySchedule {
  readonly #rotation: KeyRotation
  readonly #everyMs: number | null
  readonly #onError: (error: unknown) => void
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> = Promise.resolve()

  /** @param options.everyMs how long a key signs; null: until an operator rotates */
  constructor(options: { rotation: KeyRotation; everyMs: number | null; onError: (error: unknown) => void }) {
    this.#rotation = options.rotation
    this.#everyMs = options.everyMs
    this.#onError = options.onError
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.#rotation.keepSchedule(this.#everyMs)).catch(this.#onError)
    }, intervalMs).unref()
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#running
  }
}
