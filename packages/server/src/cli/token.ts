import type { AdminOutput } from '@lobbykey/contract/admin'
import type { Command } from 'commander'
import { addVerb, type CommandContext, type CommonOptions, print, tableLines } from './command-context.ts'
import { allItems, withOperations } from './operate.ts'
import { addTokenTerms, parseList, type TokenTerms } from './token-terms.ts'

interface AddOptions extends CommonOptions, TokenTerms {
  for?: string
  allow?: string[]
}

/** `lobbykey token …` */
export function addTokenVerbs(program: Command, context: CommandContext): void {
  const token = program
    .command('token')
    .summary('API tokens for programs')
    .description("API tokens let programs use the admin API in an operator's name, with at most that operator's rights.")

  const add = addVerb(token, 'add', 'Creates a token and shows it, once.')
    .argument('<name>', 'what it is for')
    .option('--for <email>', 'the operator it acts for; required beside the store')
  addTokenTerms(add)
    .option('--allow <blocks>', 'addresses and CIDR blocks it works from, comma-separated; default: anywhere', parseList)
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
        print(context, options, made, [`Token ${made.tokenId} is valid until ${made.expiresAt}.`, `Token (shown only now): ${made.token}`])
      }),
    )

  addVerb(token, 'list', 'Lists the tokens, newest first.')
    .addHelpText('after', '\nExample: lobbykey token list')
    .action((options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const tokens = await allItems((cursor) => run('token.list', { limit: 200, ...(cursor === undefined ? {} : { cursor }) }))
        const heading = ['TOKEN', 'NAME', 'OPERATOR', 'EXPIRES', 'LAST USED', 'FROM', 'STATE']
        const none = 'There is no token yet; create one with `lobbykey token add`.'
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
    .argument('<token-id>', 'the token, from `lobbykey token list`')
    .addHelpText('after', '\nExample: lobbykey token revoke 0mjx3k1p2-AbCdEfGhIjKlMnOp')
    .action((tokenId: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        print(context, options, await run('token.revoke', { tokenId }), [`Token ${tokenId} is revoked.`])
      }),
    )
}

function rowOf(token: AdminOutput<'token.list'>['items'][number], now: number): string[] {
  const { tokenId, name, operatorId, expiresAt, lastUsedAt, lastUsedAddress, revokedAt } = token
  const state = revokedAt !== null ? 'revoked' : Date.parse(expiresAt) <= now ? 'expired' : 'valid'
  return [tokenId, name, operatorId, expiresAt, lastUsedAt ?? '-', lastUsedAddress ?? '-', state]
}
