import { setTimeout as delay } from 'node:timers/promises'
import { GatewayError } from '@lobbykey/contract'
import type { Command } from 'commander'
import type { StoredTrace, TracePosition, TraceStore } from '../store/store.ts'
import { addVerb, type CommandContext, type CommonOptions, parseLimit, print, tableLines, timeText } from './command-context.ts'
import { withStore } from './with-store.ts'

interface TraceOptions extends CommonOptions {
  merchant?: string
  failed?: true
  follow?: true
  limit: number
}

const followIntervalMs = 1_000
/** How far behind the newest number a trace may still turn up: one process takes its number before another, and writes after it. */
const lateMax = 1_000

/** `lobbykey trace` */
export function addTraceVerb(program: Command, context: CommandContext): void {
  addVerb(program, 'trace', 'Shows how calls of both APIs were decided, step by step.')
    .argument('[request-id]', 'the X-Request-Id of an answer; without it, the newest traces')
    .option('--merchant <agent-id>', "this merchant's calls only")
    .option('--failed', 'refused calls only')
    .option('--follow', 'go on showing new ones until interrupted; with --json one object a line')
    .option('--limit <n>', 'how many at most, 1 to 1000', parseLimit, 20)
    .addHelpText('after', '\n<8> stands for a value of 8 characters; see TRACE_VALUES. Under load some calls leave no trace.')
    .action((requestId: string | undefined, options: TraceOptions) =>
      withStore(context, async ({ traces }) => {
        if (requestId !== undefined) await showOne(context, traces, requestId, options)
        else if (options.follow) await follow(context, traces, options)
        else await showNewest(context, traces, options)
      }),
    )
}

async function showOne(context: CommandContext, traces: TraceStore, requestId: string, options: TraceOptions): Promise<void> {
  const trace = await traces.find(requestId)
  if (trace === null) {
    const message = `there is no trace of request ${requestId}: it is written within seconds, kept for TRACE_HOURS, and left out under load`
    throw new GatewayError('not_found', { message })
  }
  print(context, options, describe(trace), detailLines(trace))
}

async function showNewest(context: CommandContext, traces: TraceStore, options: TraceOptions): Promise<void> {
  const found = (await traces.list({ ...filterOf(options), limit: options.limit })).reverse()
  const rows = found.map((trace) => rowOf(trace))
  const heading = ['TIME', 'REQUEST_ID', 'CALL', 'WHO', 'ADDRESS', 'CODE', 'DECIDED BY']
  print(context, options, { traces: found.map(describe) }, tableLines(heading, rows, 'There is no such trace.'))
}

async function follow(context: CommandContext, traces: TraceStore, options: TraceOptions): Promise<void> {
  const stop = new AbortController()
  void context.untilSignal().then(() => stop.abort())
  const filter = filterOf(options)
  let batch = await traces.list({ ...filter, limit: options.limit })
  // What is older than the first that were shown stays unshown.
  const since = batch.length < options.limit ? 0 : (batch.at(-1)?.at ?? 0)
  const [known, strangers] = [new Seen(), new Seen()]
  for (const { isStranger, id } of batch) (isStranger ? strangers : known).add(id)
  for (;;) {
    for (const trace of batch.reverse()) print(context, options, describe(trace), [rowOf(trace).join('  ')])
    if (stop.signal.aborted) return
    await delay(followIntervalMs, undefined, { signal: stop.signal }).catch(() => undefined)
    const after: TracePosition = { known: known.position, strangers: strangers.position }
    const found = await traces.list({ ...filter, after, limit: lateMax })
    batch = found.filter(({ isStranger, id, at }) => (isStranger ? strangers : known).add(id) && at >= since)
  }
}

/** The numbers of one class of callers that were read. */
class Seen {
  readonly #ids = new Set<number>()
  #newest = 0

  get position(): number {
    return Math.max(0, this.#newest - lateMax)
  }

  /** False when it was there. */
  add(id: number): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    this.#newest = Math.max(this.#newest, id)
    for (const seen of this.#ids) if (seen < this.position) this.#ids.delete(seen)
    return true
  }
}

function filterOf({ merchant, failed }: TraceOptions) {
  return { ...(merchant === undefined ? {} : { agentId: merchant }), ...(failed ? { onlyFailed: true } : {}) }
}

function rowOf(trace: StoredTrace): string[] {
  const last = trace.steps.at(-1)
  return [
    timeText(trace.at),
    trace.requestId,
    `${trace.surface === 'seller-api' ? 'seller' : 'member'} ${trace.call}`,
    whoOf(trace),
    trace.address ?? '-',
    trace.code,
    last === undefined || !trace.isFailed ? '-' : `${last.name}: ${last.fact ?? trace.key}`,
  ]
}

function detailLines(trace: StoredTrace): string[] {
  const [time, requestId, call, who, address] = rowOf(trace)
  const width = Math.max(...trace.steps.map(({ name }) => name.length))
  return [
    `Request ${requestId}, ${time}`,
    `  ${call} by ${who} from ${address}: ${trace.code}${trace.key === undefined ? '' : ` ${trace.key}`}`,
    ...trace.steps.map(({ name, passed, fact }) => `  ${passed ? 'pass' : 'FAIL'}  ${name.padEnd(width)}  ${fact ?? ''}`.trimEnd()),
  ]
}

function whoOf({ agentId, subject }: StoredTrace): string {
  return [agentId, subject].filter((part) => part !== undefined).join('/') || '-'
}

function describe({ id: _id, at, isFailed, ...trace }: StoredTrace) {
  return { at: timeText(at), isFailed, ...trace }
}
