/** Input and output of a load generator. */
import type { RequestFile } from './requests.ts'

export interface LoadOptions {
  readonly port: number
  readonly seconds: number
  readonly connections: number
  readonly requests: RequestFile
  /** `once`: never sends a request twice. `cycle`: sends all of them over and over. */
  readonly use: 'once' | 'cycle'
  /** Requests per second over all connections, if answers are fast enough; otherwise as fast as answers come. */
  readonly perSecond?: number
  /** Counts answers by status and code. */
  readonly tally?: boolean
}

export interface ChainOptions {
  readonly port: number
  readonly seconds: number
  readonly connections: number
  /** One per connection, and a few more. */
  readonly firstTokens: readonly string[]
  /** The request, with `{token}` in its body. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Member of the JSON answer that holds the next token. */
  readonly tokenName: string
  /** Member of the JSON answer to collect in a file. */
  readonly collect?: { readonly name: string; readonly path: string }
}

/** A generator's result; times in microseconds. */
export interface RawResult {
  readonly requests: number
  readonly micros: number
  readonly refused: number
  readonly broken: number
  readonly timeouts: number
  /** How often it ran out of fresh requests. */
  readonly wraps: number
  readonly p50: number
  readonly p99: number
  readonly worst: number
  readonly statuses: Readonly<Record<string, number>>
}
