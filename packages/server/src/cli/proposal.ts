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
    .description("Changes that wait for another person's approval. Approval needs a person signed in to the console, not a token.")

  addVerb(proposal, 'list', 'Lists proposed changes, newest first.')
    .option('--open', 'only those that wait for a decision')
    .option('--limit <n>', 'how many to list, 1 to 1000', parseLimit, 100)
    .addHelpText('after', '\nExample: lobbykey proposal list --open')
    .action(({ open, limit, ...options }: CommonOptions & { open?: true; limit: number }) =>
      withOperations(context, async ({ run }) => {
        const { items, hasMore } = await someItems(
          (page) => run('proposal.list', { ...page, ...(open === undefined ? {} : { open }) }),
          limit,
        )
        const rows = items.map((one) => [one.proposalId, one.state, one.operation, one.agentId ?? '-', one.proposedBy, one.createdAt])
        const lines = tableLines(['PROPOSAL', 'STATE', 'OPERATION', 'MERCHANT', 'BY', 'SINCE'], rows, 'There is no such proposal.')
        print(context, options, { proposals: items }, [...lines, ...(hasMore ? ['There are more: --limit'] : [])])
      }),
    )

  addVerb(proposal, 'show', 'Shows a proposed change.')
    .argument('<proposal-id>', 'the proposal, from `lobbykey proposal list`')
    .addHelpText('after', '\nExample: lobbykey proposal show 0mjx3k1p2-AbCdEfGhIjKlMnOp')
    .action((proposalId: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const found = await run('proposal.show', { proposalId })
        print(context, options, found, showLines(found))
      }),
    )

  addVerb(proposal, 'add', 'Proposes a change, which waits seven days for another person to approve it.')
    .argument('<operation>', 'the operation, by its name in docs/admin-api.md')
    .argument('<input>', 'the input of the operation, as JSON')
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

  addVerb(proposal, 'withdraw', 'Withdraws a change that you proposed.')
    .argument('<proposal-id>', 'the proposal')
    .addHelpText('after', '\nExample: lobbykey proposal withdraw 0mjx3k1p2-AbCdEfGhIjKlMnOp')
    .action((proposalId: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const found = await run('proposal.withdraw', { proposalId })
        print(context, options, found, showLines(found))
      }),
    )

  addVerb(proposal, 'policy', "Shows or sets which changes need another person's approval.")
    .option('--require <operations>', 'these operations need approval, comma-separated; all others no longer do', parseList)
    .option('--merchant <agent-ids>', 'only at these merchants, comma-separated', parseList)
    .option('--off', 'no operation needs approval')
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
        const lines = operations.map((name) => `${name} needs another person's approval (merchants: ${agentIds?.join(', ') ?? 'all'}).`)
        print(context, options, policy, lines.length === 0 ? ["No operation needs another person's approval."] : lines)
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
    `  proposed      ${proposedBy}, ${createdAt}; valid until ${expiresAt}`,
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
