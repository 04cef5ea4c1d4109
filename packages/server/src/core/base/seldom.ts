import type { Clock } from './clock.ts'

const msMin = 60_000

/** Rate-limits repeated reports: the first at once, then at most one a minute, with the number of suppressed ones. */
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
