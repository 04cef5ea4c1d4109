import type { TraceInput } from '../../store/store.ts'
import { slowMs, spans } from '../base/spans.ts'
import type { CallCounts } from './call-counts.ts'
import type { CallLines } from './call-lines.ts'
import type { CallMeter } from './call-meter.ts'
import { outcomeOfRefusal } from './call-outcome.ts'
import type { ConductLog } from './conduct-log.ts'
import { type DecidedCall, type RefusedCall, tookMs } from './decided-call.ts'
import type { RefusalLog } from './refusal-log.ts'
import type { TraceLog } from './trace-log.ts'

/** Every surface reports each answered call here once, so that all records agree. */
export class CallLog {
  readonly #counts: CallCounts
  readonly #refusals: RefusalLog
  readonly #traces: TraceLog
  readonly #meter: CallMeter
  readonly #conduct: ConductLog
  /** Null: calls are not logged. */
  readonly #lines: CallLines | null

  constructor(records: {
    counts: CallCounts
    refusals: RefusalLog
    traces: TraceLog
    meter: CallMeter
    conduct: ConductLog
    lines: CallLines | null
  }) {
    this.#counts = records.counts
    this.#refusals = records.refusals
    this.#traces = records.traces
    this.#meter = records.meter
    this.#conduct = records.conduct
    this.#lines = records.lines
  }

  accepted(call: DecidedCall, trace?: () => TraceInput): void {
    this.#counts.note(call, true)
    this.#meter.accepted(call)
    this.#conduct.accepted(call)
    this.#lines?.accepted(call)
    if (spans !== null) noteInSpan(call, null)
    if (trace !== undefined) this.#traces.note(call, false, trace)
  }

  refused(call: RefusedCall, trace?: () => TraceInput): void {
    this.#counts.note(call, false)
    this.#meter.refused(call)
    this.#conduct.refused(call)
    this.#lines?.refused(call)
    if (spans !== null) noteInSpan(call, call.error.key)
    this.#refusals.note(call)
    if (trace !== undefined) this.#traces.note(call, true, trace)
  }
}

/** Names the call in its span, as its log line does. */
function noteInSpan(call: DecidedCall, key: RefusedCall['error']['key'] | null): void {
  const outcome = key === null ? 'accepted' : outcomeOfRefusal(key)
  const attributes = {
    'lobbykey.api': call.surface,
    'lobbykey.call': call.call,
    'lobbykey.code': call.code,
    'lobbykey.outcome': outcome,
    ...(key === null ? {} : { 'lobbykey.key': key }),
    ...(call.agentId === undefined ? {} : { 'lobbykey.agent_id': call.agentId }),
  }
  spans?.decided(call.requestId, { attributes, isKept: key !== null || tookMs(call) >= slowMs, isFailed: outcome === 'failed' })
}
