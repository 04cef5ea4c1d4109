/** All our metrics. Names and units follow Prometheus' conventions (base units, `_total` on counters). docs/metrics.md is generated from it. */
import { timestampWindowMs } from '@lobbykey/contract'
import type { Histogram } from '../core/base/histogram.ts'
import { version } from '../core/base/version.ts'
import { merchantsShownMax } from '../core/records/busiest-merchants.ts'
import type { MetricSources } from './metric-sources.ts'

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels?: Labels
  readonly value: number
}

export interface HistogramSample {
  readonly labels?: Labels
  readonly histogram: Histogram
  /** Divides bounds and sum: 1,000 for ms. */
  readonly divisor: number
}

interface Described {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

export interface Counter extends Described {
  readonly type: 'counter'
  readonly read: (sources: MetricSources) => readonly Sample[]
}

export interface Gauge extends Described {
  readonly type: 'gauge'
  /** How to combine the values of a node's workers. */
  readonly together: 'sum' | 'max' | 'min' | 'first'
  readonly read: (sources: MetricSources) => readonly Sample[]
}

export interface HistogramMetric extends Described {
  readonly type: 'histogram'
  readonly read: (sources: MetricSources) => readonly HistogramSample[]
}

export type Metric = Counter | Gauge | HistogramMetric

const msPerSecond = 1_000

export const metricList: readonly Metric[] = [
  {
    name: 'lobbykey_build_info',
    type: 'gauge',
    help: 'Always 1; the labels have the versions.',
    labels: ['version', 'node'],
    together: 'first',
    read: () => [{ labels: { version, node: process.versions.node }, value: 1 }],
  },
  {
    name: 'lobbykey_processes',
    type: 'gauge',
    help: 'Serving processes that answered this scrape.',
    labels: [],
    together: 'sum',
    read: () => [{ value: 1 }],
  },
  {
    name: 'lobbykey_calls_total',
    type: 'counter',
    help: 'Calls by answer. outcome: accepted; limited: rate limited; failed: a failure of this server; refused: all others.',
    labels: ['api', 'call', 'code', 'outcome'],
    read: ({ calls }) =>
      calls.totals().map(({ surface: api, call, code, outcome, count }) => ({ labels: { api, call, code, outcome }, value: count })),
  },
  {
    name: 'lobbykey_call_duration_seconds',
    type: 'histogram',
    help: 'Time from the complete request to its answer. Requests refused by their head alone are not counted.',
    labels: ['api', 'call', 'outcome'],
    read: ({ calls }) =>
      calls.durations().map(({ surface: api, call, outcome, durations }) => ({ labels: { api, call, outcome }, ...ofMs(durations) })),
  },
  {
    name: 'lobbykey_merchant_calls_total',
    type: 'counter',
    help: `Signed calls by merchant, of the ${merchantsShownMax} busiest; agent_id "other" is the rest.`,
    labels: ['agent_id', 'outcome'],
    read: ({ calls }) =>
      calls.merchants
        .look()
        .flatMap(({ agentId: agent_id, counts }) =>
          Object.entries(counts).map(([outcome, value]) => ({ labels: { agent_id, outcome }, value })),
        ),
  },
  {
    name: 'lobbykey_merchant_clock_offset_seconds',
    type: 'gauge',
    help: `How far a merchant's clock is ahead, by its timestamps; of the ${merchantsShownMax} farthest off. Calls are refused beyond ${timestampWindowMs / msPerSecond} either way.`,
    labels: ['agent_id'],
    together: 'first',
    read: ({ clockRadar }) =>
      clockRadar
        .farthest(merchantsShownMax)
        .map(({ agentId: agent_id, differenceMs }) => ({ labels: { agent_id }, value: differenceMs / msPerSecond })),
  },
  {
    name: 'lobbykey_password_lane_running',
    type: 'gauge',
    help: 'Password hashes being computed.',
    labels: [],
    together: 'sum',
    read: ({ lane }) => [{ value: lane.running }],
  },
  {
    name: 'lobbykey_password_lane_waiting',
    type: 'gauge',
    help: 'Logins waiting for a password hash.',
    labels: [],
    together: 'sum',
    read: ({ lane }) => [{ value: lane.waiting }],
  },
  {
    name: 'lobbykey_password_lane_refused_total',
    type: 'counter',
    help: 'Logins refused because the password lane was busy.',
    labels: [],
    read: ({ lane }) => [{ value: lane.refusedCount }],
  },
  {
    name: 'lobbykey_password_hash_duration_seconds',
    type: 'histogram',
    help: 'Duration of a password hash.',
    labels: [],
    read: ({ lane }) => [ofMs(lane.durations)],
  },
  {
    name: 'lobbykey_commit_waiting',
    type: 'gauge',
    help: 'Writes waiting for a batch.',
    labels: ['queue'],
    together: 'sum',
    read: ({ commits }) => Object.entries(commits).map(([queue, { waiting }]) => ({ labels: { queue }, value: waiting })),
  },
  {
    name: 'lobbykey_commit_batch_size',
    type: 'histogram',
    help: 'Writes per transaction.',
    labels: ['queue'],
    read: ({ commits }) =>
      Object.entries(commits).map(([queue, { usage }]) => ({ labels: { queue }, histogram: usage.batchSizes, divisor: 1 })),
  },
  {
    name: 'lobbykey_commit_wait_seconds',
    type: 'histogram',
    help: 'How long the first of each batch waited for it.',
    labels: ['queue'],
    read: ({ commits }) => Object.entries(commits).map(([queue, { usage }]) => ({ labels: { queue }, ...ofMs(usage.waitsMs) })),
  },
  {
    name: 'lobbykey_commit_duration_seconds',
    type: 'histogram',
    help: 'Time to make a batch durable.',
    labels: ['queue'],
    read: ({ commits }) => Object.entries(commits).map(([queue, { usage }]) => ({ labels: { queue }, ...ofMs(usage.commitsMs) })),
  },
  {
    name: 'lobbykey_store_operation_duration_seconds',
    type: 'histogram',
    help: 'Duration of store operations, with the wait for a connection. operation: read, transaction, login (a batch of member logins).',
    labels: ['operation'],
    read: ({ store }) => Object.entries(store.durationsMs).map(([operation, histogram]) => ({ labels: { operation }, ...ofMs(histogram) })),
  },
  {
    name: 'lobbykey_store_errors_total',
    type: 'counter',
    help: 'Failed store operations. kind: unavailable (the store) or fault (our error).',
    labels: ['kind'],
    read: ({ store }) => Object.entries(store.errors).map(([kind, value]) => ({ labels: { kind }, value })),
  },
  {
    name: 'lobbykey_store_connections',
    type: 'gauge',
    help: 'Connections to PostgreSQL. state: idle, in_use, opening, closing.',
    labels: ['state'],
    together: 'sum',
    read: ({ store }) => {
      const found = store.connections()
      if (found === null) return []
      const states = { idle: found.idle, in_use: found.inUse, opening: found.opening, closing: found.closing }
      return Object.entries(states).map(([state, value]) => ({ labels: { state }, value }))
    },
  },
  {
    name: 'lobbykey_store_connections_max',
    type: 'gauge',
    help: 'Maximum connections to PostgreSQL.',
    labels: [],
    together: 'sum',
    read: ({ store }) => [store.connections()].flatMap((found) => (found === null ? [] : [{ value: found.max }])),
  },
  {
    name: 'lobbykey_store_connections_waiting',
    type: 'gauge',
    help: 'Operations waiting for a connection to PostgreSQL.',
    labels: [],
    together: 'sum',
    read: ({ store }) => [store.connections()].flatMap((found) => (found === null ? [] : [{ value: found.waiting }])),
  },
  {
    name: 'lobbykey_change_feed_age_seconds',
    type: 'gauge',
    help: 'Maximum age of data in memory. Beyond 1 it is not used.',
    labels: [],
    together: 'max',
    read: ({ changes }) => [{ value: Math.max(0, changes.ageMs) / msPerSecond }],
  },
  {
    name: 'lobbykey_limits_shared',
    type: 'gauge',
    help: 'Whether rate limits are shared as configured: 0 while Redis or the primary does not answer. keeper: redis, node, process.',
    labels: ['keeper'],
    together: 'min',
    read: ({ limits }) => {
      const { limits: keeper, limitsShared } = limits()
      return [{ labels: { keeper }, value: limitsShared ? 1 : 0 }]
    },
  },
  {
    name: 'lobbykey_clock_offset_seconds',
    type: 'gauge',
    help: "How far this node's clock is ahead of the database's.",
    labels: [],
    together: 'first',
    read: ({ clockWatch }) => [{ value: clockWatch.differenceMs / msPerSecond }],
  },
  {
    name: 'lobbykey_signing_key_age_seconds',
    type: 'gauge',
    help: 'How long the current key has signed seller tokens.',
    labels: [],
    together: 'max',
    read: ({ keys, now }) => {
      try {
        return [{ value: Math.max(0, now() - keys.current().activeAt) / msPerSecond }]
      } catch {
        // No key signs; logins report that.
        return []
      }
    },
  },
  {
    name: 'lobbykey_connections',
    type: 'gauge',
    help: 'Open connections by listener.',
    labels: ['listener'],
    together: 'sum',
    read: ({ connections }) => Object.entries(connections).map(([listener, { count }]) => ({ labels: { listener }, value: count })),
  },
  {
    name: 'lobbykey_seals_undelivered',
    type: 'gauge',
    help: 'Seals over events that SEALS_FILE or SEALS_URL does not have yet.',
    labels: ['destination'],
    together: 'sum',
    read: ({ sealDelivery }) => sealDelivery.backlogs.map(({ destination, count }) => ({ labels: { destination }, value: count })),
  },
  {
    name: 'lobbykey_records_dropped_total',
    type: 'counter',
    help: 'Calls whose record was dropped, because too many came or the store was unavailable too long.',
    labels: ['record'],
    read: ({ traces, refusals, callCounts }) =>
      Object.entries({ trace: traces.droppedTotal, refusal: refusals.lostCount, count: callCounts.lostCount }).map(([record, value]) => ({
        labels: { record },
        value,
      })),
  },
  {
    name: 'lobbykey_spans_total',
    type: 'counter',
    help: 'OpenTelemetry spans chosen for export; none without OTEL_EXPORTER_OTLP_ENDPOINT. outcome: exported; dropped: the collector did not take them, or there was no room.',
    labels: ['outcome'],
    read: ({ spans }) => [
      { labels: { outcome: 'exported' }, value: spans?.sentCount ?? 0 },
      { labels: { outcome: 'dropped' }, value: spans?.droppedCount ?? 0 },
    ],
  },
]

function ofMs(histogram: Histogram): HistogramSample {
  return { histogram, divisor: msPerSecond }
}
