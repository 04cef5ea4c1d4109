import { parameterError } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import type { Command } from 'commander'
import { addVerb, type CommandContext, type CommonOptions, parseLimit, print, tableLines } from './command-context.ts'
import { someItems, withOperations } from './operate.ts'

interface PolicyOptions extends CommonOptions {
  require?: string[]
  merchant?: string[]
  off?: true
}

/** `lobbykey proposal …` */
export function addProposalVerbs(program: Command, context: CommandContext): void {
  const proposal = program
    .command('proposal')
    .summary('changes that wait for another person to approve them')
    .description('Changes that wait for another person. Whoever approves one does so signed in at the console, not with a token.')

  addVerb(proposal, 'list', 'Lists proposed changes, newest first.')
    .option('--open', 'those that wait for a decision')
    .option('--limit <n>', 'how many at most, 1 to 1000', parseLimit, 100)
    .addHelpText('after', '\nExample: lobbykey proposal list --open')
    .action(({ open, limit, ...options }: CommonOptions & { open?: true; limit: number }) =>
      withOperations(context, async ({ run }) => {
        const { items, hasMore } = await someItems(
          (page) => run('proposal.list', { ...page, ...(open === undefined ? {} : { open }) }),
          limit,
        )
        const rows = items.map((one) => [one.proposalId, one.state, one.operation, one.agentId ?? '-', one.proposedBy, one.createdAt])
        const lines = tableLines(['PROPOSAL', 'STATE', 'OPERATION', 'MERCHANT', 'BY', 'SINCE'], rows, 'Nothing is proposed.')
        print(context, options, { proposals: items }, [...lines, ...(hasMore ? ['There are more: --limit'] : [])])
      }),
    )

  addVerb(proposal, 'show', 'Shows a proposed change.')
    .argument('<proposal-id>', 'the proposal, as `lobbykey proposal list` names it')
    .addHelpText('after', '\nExample: lobbykey proposal show 0mjx3k1p2-AbCdEfGhIjKlMnOp')
    .action((proposalId: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const found = await run('proposal.show', { proposalId })
        print(context, options, found, showLines(found))
      }),
    )

  addVerb(proposal, 'add', 'Proposes a change, which waits seven days for another person to approve it.')
    .argument('<operation>', 'what is to be done, by its name in docs/admin-api.md')
    .argument('<input>', 'what the operation is given, as JSON')
    .requiredOption('--reason <text>', 'why')
    .addHelpText(
      'after',
      `\nExample: lobbykey proposal add merchant.update '{"agentId": "acme", "allow": ["203.0.113.0/24"]}' --reason "our new office"`,
    )
    .action((operation: string, text: string, { reason, ...options }: CommonOptions & { reason: string }) =>
      withOperations(context, async ({ run }) => {
        const added = await run('proposal.add', { operation, input: readJson(text), reason })
        print(context, options, added, showLines(added))
      }),
    )

  addVerb(proposal, 'withdraw', 'Takes back a change that one has proposed.')
    .argument('<proposal-id>', 'the proposal')
    .addHelpText('after', '\nExample: lobbykey proposal withdraw 0mjx3k1p2-AbCdEfGhIjKlMnOp')
    .action((proposalId: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const found = await run('proposal.withdraw', { proposalId })
        print(context, options, found, showLines(found))
      }),
    )

  addVerb(proposal, 'policy', 'Tells which changes take the approval of another person, or changes that.')
    .option('--require <operations>', 'these, comma-separated; those not named take none any more', parseList)
    .option('--merchant <agent-ids>', 'at these merchants only, comma-separated', parseList)
    .option('--off', 'nothing takes approval')
    .addHelpText('after', '\nExample: lobbykey proposal policy --require merchant.disable,merchant.update')
    .action(({ require, merchant, off, ...options }: PolicyOptions) =>
      withOperations(context, async ({ run }) => {
        const held = await run('approval-policy.show', {})
        const wanted = off ? [] : require
        const policy =
          wanted === undefined
            ? held
            : await run(
                'approval-policy.update',
                { operations: wanted, ...(merchant === undefined ? {} : { agentIds: merchant }) },
                { readAt: held.updatedAt },
              )
        const { operations, agentIds } = policy
        const lines = operations.map(
          (name) => `${name} takes the approval of another person (merchants: ${agentIds?.join(', ') ?? 'all'}).`,
        )
        print(context, options, policy, lines.length === 0 ? ['Nothing takes the approval of another person.'] : lines)
      }),
    )
}

function showLines(found: AdminOutput<'proposal.show'>): string[] {
  const { proposalId, state, operation, input, reason, proposedBy, createdAt, expiresAt, decidedBy, decidedAt, word, problem } = found
  return [
    `Proposal ${proposalId}, ${state}`,
    `  operation     ${operation}`,
    `  input         ${JSON.stringify(input)}`,
    `  reason        ${reason}`,
    `  proposed      ${proposedBy}, ${createdAt}; good until ${expiresAt}`,
    ...(decidedAt === null ? [] : [`  decided       ${decidedBy}, ${decidedAt}${word === null ? '' : `: ${word}`}`]),
    ...(problem === null ? [] : [`  not done      ${problem}`]),
  ]
}

/** @throws GatewayError invalid_parameter */
function readJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Reported below.
  }
  throw parameterError('input', 'must be a JSON object')
}

function parseList(text: string, previous: string[] = []): string[] {
  return [...previous, ...text.split(',').map((item) => item.trim())]
}
