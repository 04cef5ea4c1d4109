import { slowMs } from '../base/spans.ts'
import { type CallOutcome, outcomeOfRefusal } from './call-outcome.ts'
import { type DecidedCall, type RefusedCall, tookMs } from './decided-call.ts'

interface LineLogger {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
}

/** Writes a log line per decided call: for all calls, or only for refused and slow ones. */
export class CallLines {
  readonly #logger: LineLogger
  readonly #isAll: boolean

  constructor(logger: LineLogger, which: 'errors' | 'all') {
    this.#logger = logger
    this.#isAll = which === 'all'
  }

  accepted(call: DecidedCall): void {
    const ms = tookMs(call)
    if (this.#isAll || ms >= slowMs) this.#logger[ms >= slowMs ? 'warn' : 'info'](lineOf(call, 'accepted', ms), 'call')
  }

  refused(call: RefusedCall): void {
    const outcome = outcomeOfRefusal(call.error.key)
    this.#logger[outcome === 'failed' ? 'warn' : 'info']({ ...lineOf(call, outcome, tookMs(call)), key: call.error.key }, 'call')
  }
}

/** Names no member or seller, and shows nothing that the caller claims without proof. */
function lineOf({ requestId, surface: api, call, code, agentId, address }: DecidedCall, outcome: CallOutcome, ms: number) {
  return { requestId, api, call, code, outcome, ms: Math.round(ms * 10) / 10, agentId, address }
}
