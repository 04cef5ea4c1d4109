import type { Clock } from './clock.ts'

const msMin = 60_000

/** Rate-limits repeated reports: the first at once, then at most one a minute, with the number of suppressed ones. */
export function rateLimitedReport(clock: Clock, report: (error: unknown, suppressed: number) => void): (error: unknown) => void {
  let reportedAt = Number.NEGATIVE_INFINITY
  let suppressed = 0
  return (error) => {
    const now = clock.now()
    if (now - reportedAt < msMin) {
      suppressed++
      return
    }
    report(error, suppressed)
    reportedAt = now
    suppressed = 0
  }
}
