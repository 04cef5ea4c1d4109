import type { CommitQueue } from '../core/base/group-commit.ts'
import type { ClockRadar } from '../core/merchants/clock-radar.ts'
import type { PasswordLane } from '../core/passwords/password-lane.ts'
import type { CallCounts } from '../core/records/call-counts.ts'
import type { CallMeter } from '../core/records/call-meter.ts'
import type { ChangeFeed } from '../core/records/change-feed.ts'
import type { ClockWatch } from '../core/records/clock-watch.ts'
import type { RefusalLog } from '../core/records/refusal-log.ts'
import type { SealDelivery } from '../core/records/seal-delivery.ts'
import type { TraceLog } from '../core/records/trace-log.ts'
import type { SigningKeys } from '../core/tokens/signing-keys.ts'
import type { ProcessState, StoreUsage } from '../store/store.ts'

/** Where a process's metrics are read from when they are scraped; no part pushes to them. */
export interface MetricSources {
  readonly calls: Pick<CallMeter, 'totals' | 'durations' | 'merchants'>
  readonly lane: Pick<PasswordLane, 'running' | 'waiting' | 'refusedCount' | 'durations'>
  readonly commits: Readonly<Record<string, CommitQueue>>
  readonly store: StoreUsage
  readonly changes: Pick<ChangeFeed, 'ageMs'>
  readonly clockWatch: Pick<ClockWatch, 'differenceMs'>
  readonly clockRadar: Pick<ClockRadar, 'farthest'>
  readonly keys: Pick<SigningKeys, 'current'>
  readonly limits: () => Pick<ProcessState, 'limits' | 'limitsShared'>
  readonly traces: Pick<TraceLog, 'droppedTotal'>
  readonly refusals: Pick<RefusalLog, 'lostCount'>
  readonly callCounts: Pick<CallCounts, 'lostCount'>
  readonly sealDelivery: Pick<SealDelivery, 'backlogs'>
  /** Open connections, by listener. */
  readonly connections: Readonly<Record<string, { readonly count: number }>>
  /** Null when no spans are made. */
  readonly spans: { readonly sentCount: number; readonly droppedCount: number } | null
  readonly now: () => number
}
