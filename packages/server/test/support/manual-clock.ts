import type { Clock } from '../../src/core/base/clock.ts'

/** A clock that moves only when told to, so that tests never wait. */
export class ManualClock implements Clock {
  #now: number

  constructor(now = 1_767_225_600_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  advance(ms: number): void {
    this.#now += ms
  }
}
