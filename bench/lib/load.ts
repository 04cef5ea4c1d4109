/** The load generator: wrk if installed, else autocannon. Both read the same files of requests. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cannon, cannonChain } from './autocannon.ts'
import { runCommand } from './child.ts'
import type { ChainOptions, LoadOptions, RawResult } from './generator.ts'
import { benchFolder, scratchFile } from './workspace.ts'

export interface LoadResult {
  /** Answered with 2xx, per second. */
  readonly perSecond: number
  readonly requests: number
  /** Answered with another status. */
  readonly refused: number
  /** Connections refused or cut. */
  readonly broken: number
  readonly timeouts: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly worstMs: number
  /** Answers by HTTP status and `code` of the body, such as `503 10012`. */
  readonly statuses: Readonly<Record<string, number>>
}

const hasWrk = spawnSync('wrk', ['--version']).error === undefined

export const generatorName = hasWrk
  ? (/wrk \S+/.exec(spawnSync('wrk', ['--version']).stdout.toString())?.[0] ?? 'wrk')
  : 'autocannon 9.0.0 (install wrk for higher rates)'

export async function load(options: LoadOptions): Promise<LoadResult> {
  const { port, seconds, connections, requests, use, perSecond, tally } = options
  const pauseMs = perSecond === undefined ? 0 : Math.max(1, Math.round((connections / perSecond) * 1_000))
  const raw = hasWrk
    ? await wrk(port, seconds, connections, 'send.lua', [
        requests.path,
        String(requests.recordBytes),
        use,
        String(pauseMs),
        tally ? 'tally' : '-',
      ])
    : await cannon(options)
  if (use === 'once' && raw.wraps > 0) throw new OutOfRequestsError(`${requests.count} requests were not enough for ${seconds} s`)
  return toResult(raw)
}

/** Too few requests were prepared, so some would have been sent twice. */
class OutOfRequestsError extends Error {}

/** Load in which every answer provides the token of a next request. */
export async function loadChain(options: ChainOptions): Promise<LoadResult> {
  const { port, seconds, connections, firstTokens, path, headers, body, tokenName, collect } = options
  if (!hasWrk) return toResult(await cannonChain(options))
  const tokens = scratchFile('tokens')
  writeFileSync(tokens, `${firstTokens.join('\n')}\n`)
  const form = scratchFile('form')
  const lines = Object.entries({ Host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  writeFileSync(form, `POST ${path} HTTP/1.1\r\n${lines.join('')}Content-Length: {length}\r\n\r\n${body}`)
  const pattern = (name: string) => `"${name}":"([^"]+)"`
  return toResult(
    await wrk(port, seconds, connections, 'chain.lua', [
      tokens,
      form,
      pattern(tokenName),
      collect === undefined ? '-' : pattern(collect.name),
      collect?.path ?? '-',
    ]),
  )
}

async function wrk(port: number, seconds: number, connections: number, script: string, args: readonly string[]): Promise<RawResult> {
  const output = await runCommand('wrk', [
    '--threads=1',
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    '--timeout=10s',
    `--script=${join(benchFolder, 'wrk', script)}`,
    `http://127.0.0.1:${port}`,
    '--',
    ...args,
  ])
  const result = /^RESULT (.*)$/m.exec(output)?.[1]
  if (result === undefined) throw new Error(`wrk said nothing of use:\n${output}`)
  return JSON.parse(result) as RawResult
}

function toResult(raw: RawResult): LoadResult {
  const { requests, micros, refused, broken, timeouts, p50, p99, worst, statuses } = raw
  return {
    perSecond: ((requests - refused) / micros) * 1_000_000,
    requests,
    refused,
    broken,
    timeouts,
    p50Ms: p50 / 1_000,
    p99Ms: p99 / 1_000,
    worstMs: worst / 1_000,
    statuses,
  }
}
