import { type Exposition, exposeMetrics } from './exposition.ts'
import type { MetricSources } from './metric-sources.ts'
import { type NodeMetrics, singleProcessMetrics } from './node-metrics.ts'
import { type MetricReport, ProcessMetrics } from './process-metrics.ts'

/** How a process gets its node's metrics from its own. */
export type OpenNodeMetrics = (report: () => Promise<MetricReport[]>) => NodeMetrics

/** The node's metrics as a text, for a client that accepts these media types. */
export function openMetrics(
  sources: MetricSources,
  openNode: OpenNodeMetrics = singleProcessMetrics,
): (accept: string) => Promise<Exposition> {
  const own = new ProcessMetrics(sources)
  const node = openNode(() => own.report())
  return async (accept) => exposeMetrics(await node.collect(), accept)
}
