/**
 * Every metric of ours, once: its name, what it says, its labels, and where it is read. Names and units are by Prometheus' conventions (base units,
 * `_total` on counters). docs/metrics.md is made from this list.
 */
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
  /** What its bounds and sum are divided by: 1,000 for ms. */
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
  /** How the values of a node's workers become one. */
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
    help: 'Always 1; its labels say what runs.',
    labels: ['version', 'node'],
    together: 'first',
    read: () => [{ labels: { version, node: process.versions.node }, value: 1 }],
  },
  {
    name: 'lobbykey_processes',
    type: 'gauge',
    help: 'Processes that serve and answered this scrape.',
    labels: [],
    together: 'sum',
    read: () => [{ value: 1 }],
  },
  {
    name: 'lobbykey_calls_total',
    type: 'counter',
    help: 'Calls by what was answered. outcome: accepted; limited: the caller asks too often; failed: this server could not; refused: all others.',
    labels: ['api', 'call', 'code', 'outcome'],
    read: ({ calls }) =>
      calls.totals().map(({ surface: api, call, code, outcome, count }) => ({ labels: { api, call, code, outcome }, value: count })),
  },
  {
    name: 'lobbykey_call_duration_seconds',
    type: 'histogram',
    help: 'From the request with its body to its answer. What is refused by its head alone is not here.',
    labels: ['api', 'call', 'outcome'],
    read: ({ calls }) =>
      calls.durations().map(({ surface: api, call, outcome, durations }) => ({ labels: { api, call, outcome }, ...ofMs(durations) })),
  },
  {
    name: 'lobbykey_merchant_calls_total',
    type: 'counter',
    help: `Signed calls by merchant, of the ${merchantsShownMax} busiest; agent_id "other" is the rest together.`,
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
    help: `How far ahead a merchant's clock is, by its own timestamps; of the ${merchantsShownMax} farthest off. Beyond 300 either way its calls are refused.`,
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
    help: 'Password hashes that are being computed.',
    labels: [],
    together: 'sum',
    read: ({ lane }) => [{ value: lane.running }],
  },
  {
    name: 'lobbykey_password_lane_waiting',
    type: 'gauge',
    help: 'Logins that wait for a password hash.',
    labels: [],
    together: 'sum',
    read: ({ lane }) => [{ value: lane.waiting }],
  },
  {
    name: 'lobbykey_password_lane_refused_total',
    type: 'counter',
    help: 'Times that the lane told a login that it is busy.',
    labels: [],
    read: ({ lane }) => [{ value: lane.refusedCount }],
  },
  {
    name: 'lobbykey_password_hash_duration_seconds',
    type: 'histogram',
    help: 'How long one password hash takes.',
    labels: [],
    read: ({ lane }) => [ofMs(lane.durations)],
  },
  {
    name: 'lobbykey_commit_waiting',
    type: 'gauge',
    help: 'Writes that wait for a batch.',
    labels: ['queue'],
    together: 'sum',
    read: ({ commits }) => Object.entries(commits).map(([queue, { waiting }]) => ({ labels: { queue }, value: waiting })),
  },
  {
    name: 'lobbykey_commit_batch_size',
    type: 'histogram',
    help: 'Writes that share one transaction.',
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
    help: 'How long it took to make a batch durable.',
    labels: ['queue'],
    read: ({ commits }) => Object.entries(commits).map(([queue, { usage }]) => ({ labels: { queue }, ...ofMs(usage.commitsMs) })),
  },
  {
    name: 'lobbykey_store_operation_duration_seconds',
    type: 'histogram',
    help: 'What the store takes, with the wait for a connection. operation: read, transaction, login (a batch of member logins).',
    labels: ['operation'],
    read: ({ store }) => Object.entries(store.durationsMs).map(([operation, histogram]) => ({ labels: { operation }, ...ofMs(histogram) })),
  },
  {
    name: 'lobbykey_store_errors_total',
    type: 'counter',
    help: 'Operations of the store that failed. kind: unavailable is its trouble, fault is ours.',
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
    help: 'Connections to PostgreSQL that there may be.',
    labels: [],
    together: 'sum',
    read: ({ store }) => [store.connections()].flatMap((found) => (found === null ? [] : [{ value: found.max }])),
  },
  {
    name: 'lobbykey_store_connections_waiting',
    type: 'gauge',
    help: 'Operations that wait for a connection to PostgreSQL.',
    labels: [],
    together: 'sum',
    read: ({ store }) => [store.connections()].flatMap((found) => (found === null ? [] : [{ value: found.waiting }])),
  },
  {
    name: 'lobbykey_change_feed_age_seconds',
    type: 'gauge',
    help: 'How old what is in memory may be. Beyond 1 nothing is answered from it.',
    labels: [],
    together: 'max',
    read: ({ changes }) => [{ value: Math.max(0, changes.ageMs) / msPerSecond }],
  },
  {
    name: 'lobbykey_limits_shared',
    type: 'gauge',
    help: 'Whether rate limits are shared with other processes as they are meant to be: 0 while Redis or the primary does not answer. keeper: redis, node, process.',
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
    help: "How far ahead of the database's this node's clock is.",
    labels: [],
    together: 'first',
    read: ({ clockWatch }) => [{ value: clockWatch.differenceMs / msPerSecond }],
  },
  {
    name: 'lobbykey_signing_key_age_seconds',
    type: 'gauge',
    help: 'How long the key that signs seller tokens has done so.',
    labels: [],
    together: 'max',
    read: ({ keys, now }) => {
      try {
        return [{ value: Math.max(0, now() - keys.current().activeAt) / msPerSecond }]
      } catch {
        // None signs: whoever logs in hears of it.
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
    name: 'lobbykey_records_dropped_total',
    type: 'counter',
    help: 'Calls of which a record was given up, as too many came or the store was away too long.',
    labels: ['record'],
    read: ({ traces, refusals, callCounts }) =>
      Object.entries({ trace: traces.droppedTotal, refusal: refusals.lostCount, count: callCounts.lostCount }).map(([record, value]) => ({
        labels: { record },
        value,
      })),
  },
]

function ofMs(histogram: Histogram): HistogramSample {
  return { histogram, divisor: msPerSecond }
}
