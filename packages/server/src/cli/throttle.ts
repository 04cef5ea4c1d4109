import type { Command } from 'commander'
import { addVerb, type CommandContext, type CommonOptions, parseLimit, print, tableLines } from './command-context.ts'
import { someItems, withOperations } from './operate.ts'

interface SelectionOptions extends CommonOptions {
  email?: string
  address?: string
}

/** `lobbykey throttle …` */
export function addThrottleVerbs(program: Command, context: CommandContext): void {
  const throttle = program
    .command('throttle')
    .summary('counters of wrong passwords')
    .description('Counters of wrong passwords. Their IDs are keyed hashes; the store has neither account nor address.')

  addSelectionOptions(addVerb(throttle, 'list', 'Lists the counters; filtered by account or address, also their effect.'))
    .option('--limit <n>', 'how many to list, 1 to 1000', parseLimit, 100)
    .addHelpText('after', '\nExample: lobbykey throttle list --email ops@example.com')
    .action((options: SelectionOptions & { limit: number }) =>
      withOperations(context, async ({ run }) => {
        const { items, hasMore } = await someItems((page) => run('throttle.list', { ...selectionOf(options), ...page }), options.limit)
        const rows = items.map(({ throttleId, kind, state, failures, lastFailedAt, retryAt }) => [
          throttleId,
          kind ?? '-',
          state ?? '-',
          String(failures),
          lastFailedAt,
          retryAt ?? '-',
        ])
        const heading = ['THROTTLE', 'KIND', 'STATE', 'FAILURES', 'LAST', 'RETRY']
        const lines = tableLines(heading, rows, 'No wrong passwords are counted.')
        print(context, options, { throttles: items }, [...lines, ...(hasMore ? ['There are more: --limit'] : [])])
      }),
    )

  addSelectionOptions(addVerb(throttle, 'clear', 'Clears counters: of an account, of an address, or one by ID.'))
    .argument('[throttle-id]', 'the counter, from `lobbykey throttle list`')
    .addHelpText('after', '\nExample: lobbykey throttle clear --address 203.0.113.7')
    .action((throttleId: string | undefined, options: SelectionOptions) =>
      withOperations(context, async ({ run }) => {
        const done = await run('throttle.clear', { ...selectionOf(options), ...(throttleId === undefined ? {} : { throttleId }) })
        print(context, options, done, [`${done.cleared} ${done.cleared === 1 ? 'counter' : 'counters'} cleared.`])
      }),
    )
}

function addSelectionOptions(verb: Command): Command {
  return verb
    .option('--email <email>', 'only those of this account, also at its known addresses')
    .option('--address <address>', 'only those of this network address')
}

function selectionOf({ email, address }: SelectionOptions): { email?: string; address?: string } {
  return { ...(email === undefined ? {} : { email }), ...(address === undefined ? {} : { address }) }
}
