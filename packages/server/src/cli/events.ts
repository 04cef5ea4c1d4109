import type { AdminInput, AdminOutput } from '@lobbykey/contract/admin'
import type { Command } from 'commander'
import { addVerb, type CommandContext, type CommonOptions, parseLimit, print, tableLines } from './command-context.ts'
import { followNew, Seen } from './follow.ts'
import { type OperationRunner, someItems, withOperations } from './operate.ts'
import { parseTime } from './trace.ts'

interface EventOptions extends CommonOptions {
  kind?: string
  merchant?: string
  subject?: string
  actor?: string
  since?: string
  until?: string
  follow?: true
  export?: true
  limit: number
}

type Event = AdminOutput<'event.list'>['items'][number]
type Filter = Omit<AdminInput<'event.list'>, 'limit' | 'cursor'>

/** `lobbykey events` */
export function addEventsVerb(program: Command, context: CommandContext): void {
  addVerb(program, 'events', 'Shows who did what, newest first.')
    .option('--kind <kind>', 'only this kind, such as merchant.updated')
    .option('--merchant <agent-id>', 'only about this merchant')
    .option('--subject <id>', 'only about this member, seller or key')
    .option('--actor <actor>', 'only by this actor: operator:ID, token:ID, cli:USER@HOST, server, merchant:ID, seller:ID')
    .option('--since <time>', 'from this time, ISO 8601', parseTime)
    .option('--until <time>', 'before this time, ISO 8601', parseTime)
    .option('--follow', 'keep showing new ones until interrupted; with --json one object per line')
    .option('--export', 'print all of them, one JSON object per line (NDJSON)')
    .option('--limit <n>', 'how many to list, 1 to 1000', parseLimit, 20)
    .addHelpText('after', '\nExample: lobbykey events --since 2026-01-01T00:00:00Z --export > events.ndjson')
    .action((options: EventOptions) =>
      withOperations(context, async ({ run }) => {
        if (options.export) await exportAll(context, run, options)
        else if (options.follow) await follow(context, run, options)
        else await showNewest(context, run, options)
      }),
    )
}

async function showNewest(context: CommandContext, run: OperationRunner['run'], options: EventOptions): Promise<void> {
  const events = await readEvents(run, filterOf(options), options.limit)
  const heading = ['TIME', 'KIND', 'WHO', 'FACE', 'MERCHANT', 'SUBJECT', 'DETAILS']
  print(context, options, { events }, tableLines(heading, events.map(rowOf), 'There is no such event.'))
}

/** Page by page, to bound memory. */
async function exportAll(context: CommandContext, run: OperationRunner['run'], options: EventOptions): Promise<void> {
  let cursor: string | undefined
  do {
    const page = await run('event.list', { ...filterOf(options), limit: 200, ...(cursor === undefined ? {} : { cursor }) })
    for (const event of page.items) print(context, { json: true }, event, [])
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
}

async function follow(context: CommandContext, run: OperationRunner['run'], options: EventOptions): Promise<void> {
  const filter = filterOf(options)
  const seen = new Seen()
  const first = await readEvents(run, filter, options.limit)
  const oldest = first.length < options.limit ? 0 : (first.at(-1)?.number ?? 0)
  const isNew = ({ number }: Event) => seen.add(number) && number >= oldest
  await followNew(context, first.filter(isNew), {
    read: async () => (await readEvents(run, { ...filter, after: seen.position }, Seen.lateMax)).filter(isNew),
    show: (event) => print(context, options, event, [rowOf(event).join('  ')]),
  })
}

function readEvents(run: OperationRunner['run'], filter: Filter, limit: number): Promise<Event[]> {
  return someItems((page) => run('event.list', { ...filter, ...page }), limit).then(({ items }) => items)
}

function filterOf({ kind, merchant, subject, actor, since, until }: EventOptions): Filter {
  const all = { kind, agentId: merchant, subject, actor, since, until }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function rowOf({ at, kind, actor = '-', surface, agentId = '-', subject = '-', details }: Event): string[] {
  return [at, kind, actor, surface, agentId, subject, details === undefined ? '' : JSON.stringify(details)]
}
