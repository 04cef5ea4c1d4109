import type { AdminInput, AdminOutput } from '@lobbykey/contract/admin'
import { type Command, InvalidArgumentError } from 'commander'
import { addVerb, type CommandContext, type CommonOptions, parseLimit, print, tableLines } from './command-context.ts'
import { followNew, Seen } from './follow.ts'
import { type OperationRunner, someItems, withOperations } from './operate.ts'

interface TraceOptions extends CommonOptions {
  merchant?: string
  failed?: true
  call?: string
  code?: string
  address?: string
  subject?: string
  since?: string
  follow?: true
  limit: number
}

type Trace = AdminOutput<'trace.show'>
type Filter = Omit<AdminInput<'trace.list'>, 'limit' | 'cursor'>

/** `lobbykey trace` */
export function addTraceVerb(program: Command, context: CommandContext): void {
  addVerb(program, 'trace', 'Shows how calls were decided, step by step.')
    .argument('[request-id]', 'the X-Request-Id of an answer; without it, the newest traces')
    .option('--merchant <agent-id>', "this merchant's calls only")
    .option('--failed', 'refused calls only')
    .option('--call <name>', 'this call only, such as login')
    .option('--code <code>', 'calls answered with this code only')
    .option('--address <address>', 'calls from this address only')
    .option('--subject <id>', 'calls of this member or seller only')
    .option('--since <time>', 'from this time, ISO 8601', parseTime)
    .option('--follow', 'keep showing new ones until interrupted; with --json one object per line')
    .option('--limit <n>', 'how many to list, 1 to 1000', parseLimit, 20)
    .addHelpText(
      'after',
      '\n<8> stands for a value of 8 characters; see TRACE_VALUES. Under load some calls leave no trace.\nExample: lobbykey trace --merchant acme --failed --follow',
    )
    .action((requestId: string | undefined, options: TraceOptions) =>
      withOperations(context, async ({ run }) => {
        if (requestId !== undefined) {
          const { number: _number, ...trace } = await run('trace.show', { requestId })
          print(context, options, trace, detailLines(trace))
        } else if (options.follow) await follow(context, run, options)
        else await showNewest(context, run, options)
      }),
    )
}

/** Parses an ISO 8601 time, with or without seconds. */
export function parseTime(text: string): string {
  const ms = /^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It must be a time such as 2026-01-31T12:00:00Z.')
  return new Date(ms).toISOString()
}

async function showNewest(context: CommandContext, run: OperationRunner['run'], options: TraceOptions): Promise<void> {
  const found = await readTraces(run, filterOf(options), options.limit)
  const heading = ['TIME', 'REQUEST_ID', 'CALL', 'WHO', 'ADDRESS', 'CODE', 'DECIDED BY']
  print(context, options, { traces: found.map(described) }, tableLines(heading, found.map(rowOf), 'There is no such trace.'))
}

async function follow(context: CommandContext, run: OperationRunner['run'], options: TraceOptions): Promise<void> {
  const filter = filterOf(options)
  const first = await readTraces(run, filter, options.limit)
  // Never show older ones than those shown first.
  const since = first.length < options.limit ? '' : (first.at(-1)?.at ?? '')
  const [known, strangers] = [new Seen(), new Seen()]
  const isNew = ({ isStranger, number }: Trace) => (isStranger ? strangers : known).add(number)
  await followNew(context, first.filter(isNew), {
    read: async () => {
      const found = await readTraces(run, { ...filter, after: `${known.position}.${strangers.position}` }, Seen.lateMax)
      return found.filter((trace) => isNew(trace) && trace.at >= since)
    },
    show: (trace) => print(context, options, described(trace), [rowOf(trace).join('  ')]),
  })
}

function readTraces(run: OperationRunner['run'], filter: Filter, limit: number): Promise<Trace[]> {
  return someItems((page) => run('trace.list', { ...filter, ...page }), limit).then(({ items }) => items)
}

function filterOf({ merchant, failed, call, code, address, subject, since }: TraceOptions): Filter {
  const all = { agentId: merchant, failed, call, code, address, subject, since }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function rowOf(trace: Omit<Trace, 'number'>): string[] {
  const last = trace.steps.at(-1)
  return [
    trace.at,
    trace.requestId,
    `${trace.surface === 'seller-api' ? 'seller' : 'member'} ${trace.call}`,
    whoOf(trace),
    trace.address ?? '-',
    trace.code,
    last === undefined || !trace.isFailed ? '-' : `${last.name}: ${last.fact ?? trace.key}`,
  ]
}

function detailLines(trace: Omit<Trace, 'number'>): string[] {
  const [time, requestId, call, who, address] = rowOf(trace)
  const width = Math.max(...trace.steps.map(({ name }) => name.length))
  return [
    `Request ${requestId}, ${time}`,
    `  ${call} by ${who} from ${address}: ${trace.code}${trace.key === undefined ? '' : ` ${trace.key}`}${trace.keyId === undefined ? '' : `, signed with key ${trace.keyId}`}`,
    ...trace.steps.map(({ name, passed, fact }) => `  ${passed ? 'pass' : 'FAIL'}  ${name.padEnd(width)}  ${fact ?? ''}`.trimEnd()),
    ...(trace.isFailed && trace.canExplain ? [`To explain its signature: lobbykey explain --request ${requestId}`] : []),
  ]
}

function whoOf({ agentId, subject }: Pick<Trace, 'agentId' | 'subject'>): string {
  return [agentId, subject].filter((part) => part !== undefined).join('/') || '-'
}

function described({ number: _number, ...trace }: Trace) {
  return trace
}
