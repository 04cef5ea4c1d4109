/**
 * `node bench/overload.ts`: five times the server's capacity for a minute (check 42, shortened), once with member logins and once with seller logins.
 * Reports goodput against the peak, errors by kind, and the time until latency has recovered.
 *
 * node bench/overload.ts --seconds 20 --only members
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type LoadResult, load } from './lib/load.ts'
import { describeMachine } from './lib/machine.ts'
import { memberLogins, type RequestFile } from './lib/requests.ts'
import { sellerLoginRequests } from './lib/sellers.ts'
import { startGateway } from './lib/servers.ts'
import { copyStore, dropDatabases, membersUsual, merchant } from './lib/stores.ts'
import { resultsFolder } from './lib/workspace.ts'

interface Scenario {
  readonly name: 'members' | 'sellers'
  readonly use: 'once' | 'cycle'
  /** Enough requests for this many seconds. */
  readonly requests: (seconds: number) => RequestFile
  readonly peakConnections: number
  readonly baselinePerSecond: number
  /** More than the server's queue holds, so that it has to refuse. */
  readonly overloadConnections: number
}

const times = 5
const recoverySecondsMax = 30
/** Answers that a server may give under overload: success, or a retryable error with Retry-After. */
const allowed = /^(200 (200|0000)|503 (10012|408004)|429 (10007|408004))$/

const scenarios: readonly Scenario[] = [
  {
    name: 'members',
    use: 'once',
    requests: (seconds) => memberLogins({ ...merchant, members: membersUsual, count: seconds * 25_000 }),
    peakConnections: 64,
    baselinePerSecond: 500,
    overloadConnections: 6_000,
  },
  {
    name: 'sellers',
    use: 'cycle',
    requests: () => sellerLoginRequests(),
    peakConnections: 8,
    baselinePerSecond: 40,
    overloadConnections: 600,
  },
]

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, only: { type: 'string' }, json: { type: 'boolean', default: false } },
})
const say = values.json ? console.error : console.log

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void dropDatabases().finally(() => process.exit(1)))
}

try {
  const results = []
  for (const scenario of scenarios) {
    if (values.only === undefined || values.only === scenario.name) results.push(await overload(scenario, Number(values.seconds)))
  }
  const report = { startedAt: new Date().toISOString(), machine: await describeMachine(), results }
  writeFileSync(join(resultsFolder, 'overload.json'), `${JSON.stringify(report, null, 2)}\n`)
  if (values.json) console.log(JSON.stringify(report))
} finally {
  await dropDatabases()
}

async function overload(scenario: Scenario, seconds: number) {
  const { name, use, requests, peakConnections, baselinePerSecond, overloadConnections } = scenario
  // All of the load comes from one address.
  const gateway = await startGateway(await copyStore(), { CONNECTIONS_PER_PEER: '0' })
  const run = (seconds: number, connections: number, perSecond?: number) =>
    load({
      port: gateway.port,
      seconds,
      connections,
      use,
      requests: requests(seconds),
      tally: true,
      ...(perSecond === undefined ? {} : { perSecond }),
    })
  const baseline = () => run(1, 8, baselinePerSecond)

  say(`${name}: warming up`)
  await run(4, peakConnections)
  const peak = await run(8, peakConnections)
  const before = await run(5, 8, baselinePerSecond)
  say(`${name}: peak ${Math.round(peak.perSecond)}/s; at ${baselinePerSecond}/s p99 ${before.p99Ms.toFixed(1)} ms`)
  say(`${name}: ${times} × for ${seconds} s over ${overloadConnections} connections`)
  const during = await run(seconds, overloadConnections, peak.perSecond * times)

  let recoverySeconds = 0
  for (let after = await baseline(); !hasRecovered(after, before); after = await baseline()) {
    recoverySeconds++
    if (recoverySeconds === recoverySecondsMax) break
  }
  await gateway.stop()
  const unexpected = Object.entries(during.statuses).filter(([answer]) => !allowed.test(answer))
  const result = {
    name,
    peakPerSecond: Math.round(peak.perSecond),
    offeredPerSecond: Math.round(during.requests / seconds),
    goodputPerSecond: Math.round(during.perSecond),
    goodputOfPeak: Math.round((during.perSecond / peak.perSecond) * 100) / 100,
    p99Ms: during.p99Ms,
    answers: during.statuses,
    unexpected: Object.fromEntries(unexpected),
    broken: during.broken,
    timeouts: during.timeouts,
    baselineP99Ms: before.p99Ms,
    recoverySeconds,
  }
  say(`${name}: ${JSON.stringify(result, null, 2)}`)
  say(
    `${name}: goodput ${result.goodputOfPeak} of peak (at least 0.8), ${unexpected.length === 0 ? 'only expected answers' : 'UNEXPECTED answers'}, ` +
      `recovered after ${recoverySeconds} s (at most 10)`,
  )
  return result
}

/** Twice the latency from before counts as recovered: one second's p99 is a rough figure. */
function hasRecovered(after: LoadResult, before: LoadResult): boolean {
  return after.refused + after.broken + after.timeouts === 0 && after.p99Ms <= Math.max(2 * before.p99Ms, 20)
}
