import type { Clock, SharedClock } from './core/base/clock.ts'
import { CallCounts } from './core/records/call-counts.ts'
import { CallLines } from './core/records/call-lines.ts'
import { CallLog } from './core/records/call-log.ts'
import { CallMeter } from './core/records/call-meter.ts'
import { ConductLog } from './core/records/conduct-log.ts'
import { RefusalLog } from './core/records/refusal-log.ts'
import { TraceLog } from './core/records/trace-log.ts'
import type { Store } from './store/store.ts'

/** The records of decided calls. */
export interface CallRecords {
  /** Surfaces report calls to it. */
  readonly callLog: CallLog
  readonly refusals: RefusalLog
  readonly callCounts: CallCounts
  readonly traces: TraceLog
  readonly meter: CallMeter
  readonly conduct: ConductLog
  /** Writes what is pending. */
  close(): Promise<void>
}

export function openCallRecords(options: {
  readonly store: Pick<Store, 'refusals' | 'callCounts' | 'traces' | 'merchantConduct'>
  readonly settings: {
    readonly refusalDays: number
    readonly traceHours: number
    readonly traceRowsMax: number
    readonly logCalls: 'off' | 'errors' | 'all'
  }
  readonly clock: Clock
  readonly shared: SharedClock
  readonly logger: Record<'debug' | 'info' | 'warn', (facts: object, message: string) => void>
  readonly warn: (message: string, facts?: () => object) => (error: unknown) => void
}): CallRecords {
  const { store, settings, clock, shared, logger, warn } = options
  const refusals = new RefusalLog({
    store: store.refusals,
    keptMs: settings.refusalDays * 86_400_000,
    onError: warn('refusals could not be recorded', () => ({ unwritten: refusals.unwrittenCount, lost: refusals.lostCount })),
  })
  const callCounts = new CallCounts({
    store: store.callCounts,
    onError: warn('counts of calls could not be written', () => ({ lost: callCounts.lostCount })),
  })
  const traces = new TraceLog({
    store: store.traces,
    shared,
    hours: settings.traceHours,
    rowsMax: settings.traceRowsMax,
    onError: warn('traces could not be written'),
    onDropped: (count) => logger.debug({ count }, 'calls left no trace'),
  })
  const meter = new CallMeter()
  const conduct = new ConductLog({ store: store.merchantConduct, clock, onError: warn('what merchants do could not be noted') })
  const lines = settings.logCalls === 'off' ? null : new CallLines(logger, settings.logCalls)
  return {
    callLog: new CallLog({ counts: callCounts, refusals, traces, meter, conduct, lines }),
    refusals,
    callCounts,
    traces,
    meter,
    conduct,
    close: async () => {
      await Promise.all([refusals.close(), callCounts.close(), traces.close(), conduct.close()])
    },
  }
}
