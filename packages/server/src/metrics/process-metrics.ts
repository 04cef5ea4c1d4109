import { collectDefaultMetrics, Registry } from 'prom-client'
import { type HistogramSample, type Metric, metricList } from './metric-list.ts'
import type { MetricSources } from './metric-sources.ts'

/** A metric and its values, as in prom-client and in messages between processes. */
export interface MetricReport {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly aggregator?: string
  readonly values: readonly { readonly value: number; readonly labels: object; readonly metricName?: string }[]
}

/** This process's metrics, computed when scraped. */
export class ProcessMetrics {
  readonly #sources: MetricSources

  constructor(sources: MetricSources) {
    this.#sources = sources
    nodeMetricsOnce()
  }

  async report(): Promise<MetricReport[]> {
    const ours = metricList.map((metric) => reportOf(metric, this.#sources))
    return [...ours, ...((await nodeMetricsOnce().getMetricsAsJSON()) as unknown as MetricReport[])]
  }
}

let ofNode: Registry | null = null

/** Event loop, memory, garbage collection, file descriptors: per process, however many gateways it contains. */
function nodeMetricsOnce(): Registry {
  if (ofNode !== null) return ofNode
  ofNode = new Registry()
  collectDefaultMetrics({ register: ofNode })
  return ofNode
}

function reportOf(metric: Metric, sources: MetricSources): MetricReport {
  const { name, help, type } = metric
  if (metric.type === 'histogram') {
    return { name, help, type, aggregator: 'sum', values: metric.read(sources).flatMap((sample) => histogramValues(name, sample)) }
  }
  const aggregator = metric.type === 'gauge' ? metric.together : 'sum'
  return { name, help, type, aggregator, values: metric.read(sources).map(({ value, labels = {} }) => ({ value, labels })) }
}

function histogramValues(name: string, { histogram, divisor, labels = {} }: HistogramSample): MetricReport['values'] {
  let total = 0
  const buckets = histogram.counts.map((count, index) => {
    total += count
    const bound = histogram.bounds[index]
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bound === undefined ? '+Inf' : bound / divisor }, value: total }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: histogram.sum / divisor },
    { metricName: `${name}_count`, labels, value: total },
  ]
}
