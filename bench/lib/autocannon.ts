/** The load generator for machines without wrk. It saturates a core long before wrk does, which brings ratios nearer to 1. */
import { appendFileSync, closeSync, openSync, readSync } from 'node:fs'
import autocannon from 'autocannon'
import type { ChainOptions, LoadOptions, RawResult } from './generator.ts'
import type { RequestFile } from './requests.ts'

export async function cannon({ port, seconds, connections, requests, use, perSecond }: LoadOptions): Promise<RawResult> {
  const next = requestReader(requests)
  let sent = 0
  const result = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections,
    duration: seconds,
    timeout: 10,
    ...(perSecond === undefined ? {} : { overallRate: perSecond }),
    requests: [
      {
        setupRequest(request) {
          sent++
          return { ...request, ...next() }
        },
      },
    ],
  })
  return toRaw(result, use === 'once' ? Math.max(0, sent - requests.count) : 0)
}

export async function cannonChain(options: ChainOptions): Promise<RawResult> {
  const { port, seconds, connections, firstTokens, path, headers, body, tokenName, collect } = options
  const tokens = [...firstTokens]
  let starved = 0
  const result = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections,
    duration: seconds,
    timeout: 10,
    requests: [
      {
        setupRequest(request) {
          const token = tokens.shift()
          if (token === undefined) starved++
          return { ...request, method: 'POST', path, headers: { ...headers }, body: body.replace('{token}', token ?? 'none') }
        },
        onResponse(status, answer) {
          const find = (name: string) => new RegExp(`"${name}":"([^"]+)"`).exec(answer)?.[1]
          const token = status === 200 ? find(tokenName) : undefined
          if (token !== undefined) tokens.push(token)
          if (token !== undefined && collect !== undefined) appendFileSync(collect.path, `${find(collect.name)}\n`)
        },
      },
    ],
  })
  return toRaw(result, starved)
}

function toRaw(result: autocannon.Result, wraps: number): RawResult {
  const statuses: Record<string, number> = {}
  for (const [status, { count }] of Object.entries(result.statusCodeStats ?? {})) statuses[status] = count ?? 0
  return {
    requests: result.requests.total,
    micros: result.duration * 1_000_000,
    refused: result.non2xx,
    broken: result.errors - result.timeouts,
    timeouts: result.timeouts,
    wraps,
    p50: result.latency.p50 * 1_000,
    p99: result.latency.p99 * 1_000,
    worst: result.latency.max * 1_000,
    statuses,
  }
}

/** Reads one record after the other, and starts again at the end. */
function requestReader({ path, recordBytes, count }: RequestFile) {
  const file = openSync(path, 'r')
  process.once('exit', () => closeSync(file))
  const record = Buffer.alloc(recordBytes)
  let at = 0
  return () => {
    readSync(file, record, 0, recordBytes, (at++ % count) * recordBytes)
    const [head = '', body = ''] = record.toString().split('\r\n\r\n', 2)
    const [start = '', ...lines] = head.split('\r\n')
    const [method, target] = start.split(' ')
    const headers = Object.fromEntries(lines.map((line) => line.split(': ', 2) as [string, string]))
    for (const name of ['Host', 'Content-Length']) delete headers[name]
    return { method: method as 'GET' | 'POST', path: target ?? '/', headers, body }
  }
}
