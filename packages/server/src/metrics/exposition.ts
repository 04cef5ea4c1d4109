import { AggregatorRegistry, openMetricsContentType, prometheusContentType } from 'prom-client'
import type { MetricReport } from './process-metrics.ts'

export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** The reports of all processes as one text: OpenMetrics if the client accepts it, else Prometheus' own format. */
export async function exposeMetrics(reports: readonly (readonly MetricReport[])[], accept: string): Promise<Exposition> {
  const isOpen = accept.includes('application/openmetrics-text')
  const contentType = isOpen ? openMetricsContentType : prometheusContentType
  // prom-client appends the suffix again.
  const named = isOpen ? reports.map((report) => report.map(withoutTotal)) : reports
  const registry = AggregatorRegistry.aggregate(named as object[][])
  registry.setContentType(contentType as typeof prometheusContentType)
  return { contentType, text: await registry.metrics() }
}

function withoutTotal(metric: MetricReport): MetricReport {
  return metric.type === 'counter' ? { ...metric, name: metric.name.replace(/_total$/, '') } : metric
}
