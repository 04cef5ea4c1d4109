import type { Surface } from '../../store/store.ts'
import { Buckets, durationBoundsMs, type Histogram } from '../base/histogram.ts'
import { BusiestMerchants } from './busiest-merchants.ts'
import { type CallOutcome, outcomeOfRefusal } from './call-outcome.ts'
import type { DecidedCall, RefusedCall } from './decided-call.ts'

export interface CallTotal {
  readonly surface: Surface
  readonly call: string
  readonly code: string
  readonly outcome: CallOutcome
  count: number
}

export interface CallDurations {
  readonly surface: Surface
  readonly call: string
  readonly outcome: CallOutcome
  /** Ms. */
  readonly durations: Histogram
}

interface Cell extends CallTotal {
  readonly durations: Buckets
}

/**
 * Counts and times the calls this process has decided since it started. No key comes from a caller: calls and codes are ours, and only the busiest
 * merchants are counted separately.
 */
export class CallMeter {
  readonly merchants = new BusiestMerchants()
  readonly #cells = new Map<string, Cell>()
  readonly #durations = new Map<string, CallDurations & { readonly durations: Buckets }>()
  /** Most calls are like the previous one. */
  #last: Cell | null = null

  accepted(call: DecidedCall): void {
    this.#note(call, 'accepted')
  }

  refused(call: RefusedCall): void {
    this.#note(call, outcomeOfRefusal(call.error.key))
  }

  totals(): readonly CallTotal[] {
    return [...this.#cells.values()]
  }

  durations(): readonly CallDurations[] {
    return [...this.#durations.values()]
  }

  #note(call: DecidedCall, outcome: CallOutcome): void {
    const cell = this.#cellOf(call, outcome)
    cell.count++
    if (call.begun !== undefined) cell.durations.observe(performance.now() - call.begun)
    if (call.agentId !== undefined) this.merchants.note(call.agentId, outcome)
  }

  #cellOf({ surface, call, code }: DecidedCall, outcome: CallOutcome): Cell {
    const last = this.#last
    if (last !== null && last.call === call && last.code === code && last.surface === surface && last.outcome === outcome) return last
    const name = `${surface} ${call} ${outcome} ${code}`
    let cell = this.#cells.get(name)
    if (cell === undefined) {
      cell = { surface, call, code, outcome, count: 0, durations: this.#durationsOf(surface, call, outcome) }
      this.#cells.set(name, cell)
    }
    this.#last = cell
    return cell
  }

  #durationsOf(surface: Surface, call: string, outcome: CallOutcome): Buckets {
    const name = `${surface} ${call} ${outcome}`
    const known = this.#durations.get(name)
    if (known !== undefined) return known.durations
    const durations = new Buckets(durationBoundsMs)
    this.#durations.set(name, { surface, call, outcome, durations })
    return durations
  }
}
