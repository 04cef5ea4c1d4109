import { t } from '../texts/texts.ts'
import { isAccepted } from './code-state.tsx'
import { localTime } from './time.tsx'

export interface CallChartProps {
  readonly counts: readonly { readonly at?: string | undefined; readonly code?: string | undefined; readonly count: number }[]
  /** Duration of a bar. */
  readonly unitMs: number
  /** Number of bars; the last one is the current. */
  readonly units: number
}

const height = 100

/** Accepted and refused calls, one bar per unit of time. */
export function CallChart({ counts, unitMs, units }: CallChartProps) {
  const end = Math.floor(Date.now() / unitMs)
  const bars = Array.from({ length: units }, () => ({ accepted: 0, refused: 0 }))
  for (const { at = '', code = '', count } of counts) {
    const bar = bars[units - 1 - (end - Math.floor(Date.parse(at) / unitMs))]
    if (bar !== undefined) bar[isAccepted(code) ? 'accepted' : 'refused'] += count
  }
  const highest = Math.max(1, ...bars.map(({ accepted, refused }) => accepted + refused))
  const sum = bars.reduce((all, bar) => ({ accepted: all.accepted + bar.accepted, refused: all.refused + bar.refused }))
  return (
    <>
      <svg
        className="chart"
        viewBox={`0 0 ${units * 10} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t.now.chart(sum.accepted, sum.refused)}
      >
        {bars.map(({ accepted, refused }, index) => {
          const time = localTime(new Date((end - units + 1 + index) * unitMs).toISOString())
          const acceptedHeight = (accepted / highest) * (height - 4)
          const refusedHeight = (refused / highest) * (height - 4)
          return (
            <g key={time}>
              <title>{`${time}: ${t.now.chart(accepted, refused)}`}</title>
              <rect className="accepted" x={index * 10 + 1} width={8} y={height - acceptedHeight} height={acceptedHeight} />
              <rect className="refused" x={index * 10 + 1} width={8} y={height - acceptedHeight - refusedHeight} height={refusedHeight} />
            </g>
          )
        })}
        <line className="base" x1={0} x2={units * 10} y1={height - 0.5} y2={height - 0.5} />
      </svg>
      <p className="legend">
        <span className="accepted">{t.now.accepted}</span>
        <span className="refused">{t.now.refused}</span>
      </p>
    </>
  )
}
