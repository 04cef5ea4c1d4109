import { Worker } from 'node:worker_threads'
import { GatewayError, type SignedCall } from '@lobbykey/contract'
import type { ExplainInput, Explanation } from './explain-signature.ts'

/** A question as it is posted to the thread: only what can be cloned. */
export interface WorkerQuestion extends Omit<ExplainInput, 'call' | 'hasTime'> {
  readonly call: SignedCall['name']
}

export interface WorkerAnswer {
  readonly explanation: Explanation
}

/** When the search gives up, ms of processor time: with two valid keys everything is tried twice. For the figure see docs/explainer-accuracy.md. */
export const searchCpuMsMax = (activeKeys: number) => 250 * Math.min(2, Math.max(1, activeKeys))
/** What one question may cost, ms of processor time. A thread that takes more is terminated. */
export const questionCpuMsMax = searchCpuMsMax(2) + 50
/** Questions that may wait while one is answered, in all and about one merchant. */
export const questionsWaitingMax = 12
export const questionsWaitingPerMerchantMax = 3
/** How often the thread's processor time is checked, ms. */
const lookMs = 25
/** How long an idle thread is kept, ms. */
const idleMsMax = 60_000

interface Waiting {
  readonly question: WorkerQuestion
  readonly resolve: (explanation: Explanation) => void
  readonly reject: (error: unknown) => void
}

/** The one that is being answered. */
interface Asked extends Waiting {
  timer?: NodeJS.Timeout
}

/**
 * Explains in a thread of its own, so that no question holds up the event loop that serves logins: one at a time, a few may wait, each has
 * its bound of processor time (check 85). Merchants take turns, so that many questions about one delay no other's by more than one. The
 * thread begins with the first question and ends when none has come for a minute.
 */
export class Explainer {
  readonly #script: URL
  #worker: Worker | null = null
  #isReady = false
  #asked: Asked | null = null
  /** By merchant, in the order of their turns. */
  readonly #waiting = new Map<string, Waiting[]>()
  #idle: NodeJS.Timeout | undefined

  constructor(script = new URL('./explain-worker.ts', import.meta.url)) {
    this.#script = script
  }

  /** @throws GatewayError rate_limited when the queue is full; internal when the thread failed or took too long */
  explain({ call, hasTime: _hasTime, ...input }: ExplainInput, agentId: string): Promise<Explanation> {
    const own = this.#waiting.get(agentId) ?? []
    if (own.length >= questionsWaitingPerMerchantMax || !this.#hasRoomBeside(own.length)) return Promise.reject(tooMany())
    const { promise, resolve, reject } = Promise.withResolvers<Explanation>()
    own.push({ question: { ...input, call: call.name }, resolve, reject })
    this.#waiting.set(agentId, own)
    this.#next()
    return promise
  }

  /** When the queue is full, the merchant with the most questions loses its last one to a merchant that would still have fewer. */
  #hasRoomBeside(count: number): boolean {
    const queues = [...this.#waiting.values()]
    if (queues.reduce((sum, { length }) => sum + length, 0) < questionsWaitingMax) return true
    const longest = queues.reduce((most, queue) => (queue.length > most.length ? queue : most))
    if (longest.length <= count + 1) return false
    longest.pop()?.reject(tooMany())
    return true
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    this.#rejectAll('the explainer is closed')
    await this.#worker?.terminate()
  }

  #next(): void {
    if (this.#asked !== null || this.#waiting.size === 0) return
    clearTimeout(this.#idle)
    const worker = this.#worker ?? this.#start()
    if (!this.#isReady) return
    const next = this.#takeTurn()
    this.#asked = next
    worker.ref()
    worker.postMessage(next.question)
    void this.#watch(worker, this.#asked)
  }

  /** Takes the first question of the merchant whose turn it is, and moves that merchant to the end. */
  #takeTurn(): Waiting {
    const [[agentId, [next, ...others]]] = this.#waiting as unknown as [[string, [Waiting, ...Waiting[]]]]
    this.#waiting.delete(agentId)
    if (others.length > 0) this.#waiting.set(agentId, others)
    return next
  }

  #rejectAll(message: string): void {
    const waiting = [...this.#waiting.values()].flat()
    this.#waiting.clear()
    for (const { reject } of waiting) reject(new Error(message))
  }

  #start(): Worker {
    const worker = new Worker(this.#script, {
      name: 'explainer',
      env: {},
      argv: [],
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    })
    this.#worker = worker
    worker.on('message', (answer: WorkerAnswer | null) => {
      if (this.#worker !== worker) return
      // The first message says that the thread has loaded.
      if (answer === null) this.#isReady = true
      else this.#settle((asked) => asked.resolve(answer.explanation))
      this.#next()
    })
    worker.on('error', (error) => this.#settle((asked) => asked.reject(error)))
    worker.on('exit', () => {
      if (this.#worker !== worker) return
      this.#end()
      // It failed before it could be asked: reject all that wait, or it would be restarted forever.
      if (!this.#isReady) this.#rejectAll('the thread of the explainer does not start')
      this.#isReady = false
      this.#next()
    })
    return worker
  }

  /** Terminates the thread once this question has used up its processor time. */
  async #watch(worker: Worker, asked: Asked): Promise<void> {
    const begun = await worker.cpuUsage()
    const look = async () => {
      if (this.#asked !== asked) return
      const { user, system } = await worker.cpuUsage(begun)
      if (this.#asked !== asked) return
      if (user + system < questionCpuMsMax * 1_000) asked.timer = setTimeout(() => void look().catch(gone), lookMs)
      else await worker.terminate()
    }
    // The thread has ended; its exit settles the question.
    const gone = () => {}
    await look().catch(gone)
  }

  #settle(how: (asked: Waiting) => void): void {
    const asked = this.#asked
    if (asked === null) return
    this.#asked = null
    clearTimeout(asked.timer)
    this.#worker?.unref()
    how(asked)
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => void this.#worker?.terminate(), idleMsMax).unref()
  }

  #end(): void {
    this.#worker = null
    this.#settle((asked) => asked.reject(new Error('the explainer took too long for a question and was ended')))
  }
}

function tooMany(): GatewayError {
  return new GatewayError('rate_limited', { retryAfterMs: 1_000 })
}
