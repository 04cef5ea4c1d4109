/**
 * The combined metrics of a node's workers: the scraped worker has the primary ask them all. The counters of a worker that ended stay in the sum as
 * of the last scrape, so that none goes back when a worker is replaced.
 */
import cluster, { type Worker } from 'node:cluster'
import { AggregatorRegistry } from 'prom-client'
import type { MetricReport } from './process-metrics.ts'

/** A worker that has not answered by then is left out, but for its counts as of its last report. */
const answerMsMax = 1_000

/** How to get the metrics of the node's other processes. */
export interface NodeMetrics {
  /** Of every process of this node, including this one. */
  collect(): Promise<readonly MetricReport[][]>
}

/** For a single process. */
export function singleProcessMetrics(report: () => Promise<MetricReport[]>): NodeMetrics {
  return { collect: async () => [await report()] }
}

/** From a worker to the primary and back. */
interface Question {
  readonly metricsQuestion: number
}
interface Answer {
  readonly metricsAnswer: number
  readonly reports: readonly MetricReport[][]
}
/** From the primary to each worker and back. */
interface Call {
  readonly metricsCall: number
}
interface Report {
  readonly metricsReport: number
  readonly report: MetricReport[]
}

/** A worker's side: asks the primary, and answers its calls. */
export function workerMetrics(report: () => Promise<MetricReport[]>): NodeMetrics {
  const waiting = new Map<number, (reports: readonly MetricReport[][]) => void>()
  let last = 0
  process.on('message', (message: Partial<Answer & Call>) => {
    const { metricsAnswer, reports, metricsCall } = message
    if (metricsAnswer !== undefined && reports !== undefined) {
      waiting.get(metricsAnswer)?.(reports)
      waiting.delete(metricsAnswer)
    }
    // A primary that is gone needs no answer.
    if (metricsCall !== undefined)
      report().then((own) => process.send?.({ metricsReport: metricsCall, report: own } satisfies Report, () => {}))
  })
  return {
    collect: () =>
      new Promise((resolve, reject) => {
        const question: Question = { metricsQuestion: ++last }
        waiting.set(question.metricsQuestion, resolve)
        process.send?.(question, (error: Error | null) => {
          if (error !== null) reject(error)
        })
      }),
  }
}

/** The primary's side. */
export function collectFromWorkers(): void {
  const lastReports = new Map<number, MetricReport[]>()
  const calls = new Map<number, (workerId: number, report: MetricReport[]) => void>()
  let ended: MetricReport[] = []
  let last = 0

  /** @returns the workers that did not answer */
  const ask = (): Promise<ReadonlySet<number>> => {
    const call = ++last
    const asked = new Set(Object.values(cluster.workers ?? {}).filter((worker): worker is Worker => worker?.isConnected() ?? false))
    const ids = new Set([...asked].map(({ id }) => id))
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        calls.delete(call)
        resolve(ids)
      }
      const timer = setTimeout(end, answerMsMax)
      calls.set(call, (workerId, report) => {
        lastReports.set(workerId, report)
        ids.delete(workerId)
        if (ids.size === 0) end()
      })
      for (const worker of asked) worker.send({ metricsCall: call } satisfies Call, () => {})
    })
  }

  cluster.on('message', (worker, message: Partial<Question & Report>) => {
    const { metricsQuestion, metricsReport, report } = message
    if (metricsReport !== undefined && report !== undefined) calls.get(metricsReport)?.(worker.id, report)
    if (metricsQuestion === undefined) return
    ask().then((silent) => {
      const ofWorkers = [...lastReports].map(([id, last]) => (silent.has(id) ? countedOnly(last) : last))
      const reports = ended.length === 0 ? ofWorkers : [...ofWorkers, ended]
      worker.send({ metricsAnswer: metricsQuestion, reports } satisfies Answer, () => {})
    })
  })
  cluster.on('exit', ({ id }) => {
    const report = lastReports.get(id)
    lastReports.delete(id)
    if (report !== undefined) ended = sumOf([ended, report].map(countedOnly))
  })
}

/** Counters and histograms only. */
function countedOnly(report: readonly MetricReport[]): MetricReport[] {
  return report.filter(({ type }) => type === 'counter' || type === 'histogram')
}

function sumOf(reports: MetricReport[][]): MetricReport[] {
  const sum = AggregatorRegistry.aggregate(reports as object[][])
  return sum.getMetricsAsArray().map((metric) => (metric as unknown as { get(): MetricReport }).get())
}
