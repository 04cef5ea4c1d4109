import type { Clock } from './clock.ts'

const msMin = 60_000

/** Tells of what may go wrong every second: the first time at once, then once a minute at most, with how often it was held back meanwhile. */
export function seldom(clock: Clock, tell: (error: unknown, heldBack: number) => void): (error: unknown) => void {
  let toldAt = Number.NEGATIVE_INFINITY
  let heldBack = 0
  return (error) => {
    const now = clock.now()
    if (now - toldAt < msMin) {
      heldBack++
      return
    }
    tell(error, heldBack)
    toldAt = now
    heldBack = 0
  }
}
