import type { AdminOutput, Right } from '@lobbykey/contract/admin'
import { rights } from '@lobbykey/contract/admin'
import { type Command, InvalidArgumentError } from 'commander'
import { addVerb, type CommandContext, type CommonOptions, print, tableLines } from './command-context.ts'
import { allItems, withOperations } from './operate.ts'

interface AddOptions extends CommonOptions {
  for?: string
  right?: Right[]
  merchant?: string[]
  allow?: string[]
  allowConfirmed?: true
  days: number
}

/** `lobbykey token …` */
export function addTokenVerbs(program: Command, context: CommandContext): void {
  const token = program
    .command('token')
    .summary("tokens that programs use in an operator's name")
    .description("API tokens: what programs use for the admin API in an operator's name, never with more than its rights.")

  addVerb(token, 'add', 'Makes a token and shows it, once.')
    .argument('<name>', 'what it is for')
    .option('--for <email>', 'the operator in whose name; needed beside the store, where nobody is signed in')
    .option(
      '--right <rights>',
      `a part of the operator's rights, comma-separated; all unless given (${Object.keys(rights).join(', ')})`,
      parseRights,
    )
    .option('--merchant <agent-ids>', 'merchants that it is held to, comma-separated; those of the operator unless given', parseList)
    .option('--allow <blocks>', 'addresses and CIDR blocks that it works from, comma-separated; everywhere unless given', parseList)
    .option('--allow-confirmed', 'let it do what a person has to confirm')
    .option('--days <n>', 'how long it is good, 1 to 366', parseDays, 90)
    .addHelpText('after', '\nExample: lobbykey token add deploy --for ops@example.com --right merchants.read,merchants.write')
    .action((name: string, { for: operatorEmail, right, merchant, allow, allowConfirmed, days, ...options }: AddOptions) =>
      withOperations(context, async ({ run }) => {
        const made = await run('token.add', {
          name,
          days,
          ...(operatorEmail === undefined ? {} : { operatorEmail }),
          ...(right === undefined ? {} : { rights: right }),
          ...(merchant === undefined ? {} : { agentIds: merchant }),
          ...(allow === undefined ? {} : { allow }),
          ...(allowConfirmed === undefined ? {} : { allowConfirmed }),
        })
        print(context, options, made, [`Token ${made.tokenId} is good until ${made.expiresAt}.`, `Token (shown only now): ${made.token}`])
      }),
    )

  addVerb(token, 'list', 'Lists the tokens, newest first.')
    .addHelpText('after', '\nExample: lobbykey token list')
    .action((options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const tokens = await allItems((cursor) => run('token.list', { limit: 200, ...(cursor === undefined ? {} : { cursor }) }))
        const heading = ['TOKEN', 'NAME', 'OPERATOR', 'EXPIRES', 'LAST USED', 'FROM', 'STATE']
        const none = 'There is no token yet; make one with `lobbykey token add`.'
        print(
          context,
          options,
          { tokens },
          tableLines(
            heading,
            tokens.map((found) => rowOf(found, context.clock.now())),
            none,
          ),
        )
      }),
    )

  addVerb(token, 'revoke', 'Ends a token at once.')
    .argument('<token-id>', 'the token, as `lobbykey token list` names it')
    .addHelpText('after', '\nExample: lobbykey token revoke 0mjx3k1p2-AbCdEfGhIjKlMnOp')
    .action((tokenId: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        print(context, options, await run('token.revoke', { tokenId }), [`Token ${tokenId} is revoked.`])
      }),
    )
}

function rowOf(token: AdminOutput<'token.list'>['items'][number], now: number): string[] {
  const { tokenId, name, operatorId, expiresAt, lastUsedAt, lastUsedAddress, revokedAt } = token
  const state = revokedAt !== null ? 'revoked' : Date.parse(expiresAt) <= now ? 'expired' : 'good'
  return [tokenId, name, operatorId, expiresAt, lastUsedAt ?? '-', lastUsedAddress ?? '-', state]
}

function parseList(text: string, previous: string[] = []): string[] {
  return [...previous, ...text.split(',').map((item) => item.trim())]
}

function parseRights(text: string, previous: Right[] = []): Right[] {
  const list = parseList(text)
  const unknown = list.find((right) => !Object.hasOwn(rights, right))
  if (unknown !== undefined) throw new InvalidArgumentError('It must be rights from the list, comma-separated.')
  return [...previous, ...(list as Right[])]
}

function parseDays(text: string): number {
  if (!/^[1-9][0-9]{0,2}$/.test(text) || Number(text) > 366) throw new InvalidArgumentError('It must be a whole number from 1 to 366.')
  return Number(text)
}
