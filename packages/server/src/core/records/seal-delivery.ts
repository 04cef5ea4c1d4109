import { hostname } from 'node:os'
import type { ProcessRecord, ProcessState, ProcessStore, SealStore } from '../../store/store.ts'
import type { SharedClock } from '../base/clock.ts'
import { RepeatedTask } from '../base/repeated-task.ts'
import { sealDigest } from './event-seal.ts'
import { aliveMs } from './process-beat.ts'
import type { SealDestination } from './seal-destinations.ts'

const everyMs = 5_000
/** How long a destination that fails is left alone, at first and at most, ms. */
const pauseMsMin = 5_000
const pauseMsMax = 300_000
/** How many are read and sent at a time. */
const batchMax = 50

export interface SealBacklog {
  readonly destination: SealDestination['name']
  /** Seals that it does not have yet. */
  readonly count: number
  /** Why it gets none; null when it does. */
  readonly problem: string | null
}

interface Line {
  readonly destination: SealDestination
  /** The last seal that it is known to have. */
  reached: number
  count: number
  problem: string | null
  failures: number
  retryAt: number
}

/**
 * Brings seals to where somebody else holds them. What is not delivered stays in the store and is read from there, so memory is bounded and nothing is
 * lost, however long a destination is away. Runs in the background, in the longest-running process alone: of a node for a file, else of all.
 */
export class SealDelivery {
  readonly #seals: SealStore
  readonly #processes: Pick<ProcessStore, 'list'>
  readonly #shared: SharedClock
  readonly #processId: string
  readonly #lines: readonly Line[]
  readonly #onProblem: (backlog: SealBacklog) => void
  readonly #onError: (error: unknown) => void
  readonly #ended = new AbortController()
  readonly #task = new RepeatedTask(everyMs, () => this.run())

  /** @param options.processId of this process's beat */
  constructor(options: {
    readonly seals: SealStore
    readonly processes: Pick<ProcessStore, 'list'>
    readonly shared: SharedClock
    readonly processId: string
    readonly destinations: readonly SealDestination[]
    readonly onProblem: (backlog: SealBacklog) => void
    readonly onError: (error: unknown) => void
  }) {
    this.#seals = options.seals
    this.#processes = options.processes
    this.#shared = options.shared
    this.#processId = options.processId
    this.#lines = options.destinations.map((destination) => ({ destination, reached: 0, count: 0, problem: null, failures: 0, retryAt: 0 }))
    this.#onProblem = options.onProblem
    this.#onError = options.onError
  }

  /** What this process has yet to deliver; 0 where another process does it. */
  get backlogs(): SealBacklog[] {
    return this.#lines.map(({ destination, count, problem }) => ({ destination: destination.name, count, problem }))
  }

  start(): void {
    if (this.#lines.length === 0) return
    this.#task.start()
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#task.stop()
  }

  async run(): Promise<void> {
    try {
      const now = await this.#shared.read()
      const alive = (await this.#processes.list(now - aliveMs)).filter(({ seenAt }) => now - seenAt <= aliveMs)
      await Promise.all(this.#lines.map((line) => this.#deliver(line, now, isFirst(alive, this.#processId, line.destination.isPerHost))))
    } catch (error) {
      this.#onError(error)
    }
  }

  async #deliver(line: Line, now: number, isOurs: boolean): Promise<void> {
    if (!isOurs) {
      Object.assign(line, { count: 0, problem: null, failures: 0, retryAt: 0 })
      return
    }
    const last = (await this.#seals.last())?.number ?? 0
    // Known to fail: only the count goes on.
    line.count = Math.max(0, last - line.reached)
    if (now < line.retryAt) return
    try {
      let reached = await line.destination.reached()
      line.reached = reached
      if (reached > last)
        throw new Error(`it holds seal ${reached}, which the store does not have: was the store restored, or its end removed?`)
      line.count = last - reached
      while (reached < last) {
        const page = await this.#seals.list({ after: reached, limit: batchMax })
        if (page.length === 0) break
        await line.destination.deliver(
          page.map((seal) => ({ number: seal.number, digest: sealDigest(seal) })),
          this.#ended.signal,
        )
        reached = page.at(-1)?.number ?? last
        line.reached = reached
        line.count = Math.max(0, last - reached)
      }
      Object.assign(line, { problem: null, failures: 0, retryAt: 0 })
    } catch (error) {
      if (this.#ended.signal.aborted) return
      line.problem = (error as NodeJS.ErrnoException).code ?? (error as Error).message
      line.retryAt = now + Math.min(pauseMsMin * 2 ** line.failures, pauseMsMax)
      line.failures++
      this.#onProblem({ destination: line.destination.name, count: line.count, problem: line.problem })
    }
  }
}

/** Whether a process is the one that has run longest, of all or of its host. */
function isFirst(alive: readonly ProcessRecord[], id: string, isPerHost: boolean): boolean {
  const candidates = alive.filter(({ host }) => !isPerHost || host === hostname())
  const [first] = candidates.toSorted((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1))
  return first?.id === id
}

/** What a process reports of it, for `status` and `doctor`. Some seconds' worth may always be on the way. */
export function sealBacklogOf(backlogs: readonly SealBacklog[]): Pick<ProcessState, 'sealBacklog'> {
  const sentences = backlogs
    .filter(({ problem }) => problem !== null)
    .map(({ destination, count, problem }) => `${count} seals are not delivered to ${variables[destination]}: ${problem}.`)
  return sentences.length === 0 ? {} : { sealBacklog: sentences }
}

const variables = { file: 'SEALS_FILE', url: 'SEALS_URL' } as const
