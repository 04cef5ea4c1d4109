import { GatewayError, printable } from '@lobbykey/contract'
import { type AdminOutput, type Role, roleNames, roles } from '@lobbykey/contract/admin'
import { type Command, Option } from 'commander'
import { normalizeEmail } from '../core/base/email-address.ts'
import { Invitations } from '../core/operators/invitations.ts'
import { OperatorAdmin } from '../core/operators/operator-admin.ts'
import { addVerb, type CommandContext, type CommonOptions, print, tableLines } from './command-context.ts'
import { localCaller } from './local-caller.ts'
import { allItems, type OperationRunner, withOperations } from './operate.ts'
import { withStore } from './with-store.ts'

interface AccountOptions extends CommonOptions {
  name?: string
  role?: Role
  merchant?: string[]
}

/** `lobbykey operator …` */
export function addOperatorVerbs(program: Command, context: CommandContext): void {
  const operator = program
    .command('operator')
    .summary('operator accounts')
    .description(`Operators run the installation, or a partner's part of it.\n\nRoles:\n${roleLines().join('\n')}`)
  const email = ['<email>', "the operator's e-mail"] as const

  addAccountOptions(addVerb(operator, 'add', 'Adds an operator and prints a sign-in link. Beside the store only.'))
    .argument(...email)
    .addHelpText('after', '\nExample: lobbykey operator add ops@example.com --role owner')
    .action((address: string, { name = address, role = 'auditor', merchant, ...options }: AccountOptions) =>
      withStore(context, async (store, settings) => {
        const { clock } = context
        const { origin, rights } = localCaller()
        const admin = new OperatorAdmin({ store: store.operators, clock, origin })
        const { id, ...added } = await admin.add({ email: address, name, role, agentIds: merchant ?? null })
        const { link } = await new Invitations({ store, clock, origin, adminUrl: settings.adminUrl }).reset(id, rights)
        print(context, options, { operatorId: id, email: added.email, role: added.role, agentIds: added.agentIds, link }, [
          `Operator ${added.email} is added: ${roles[added.role].title}.`,
          `Setup link, valid once and for an hour: ${link}`,
          `For an API token in their name: lobbykey token add NAME --for ${added.email}`,
        ])
      }),
    )

  addVerb(operator, 'reset', "Creates a link that resets an operator's credentials.")
    .argument(...email)
    .addHelpText('after', '\nExample: lobbykey operator reset colleague@example.com')
    .action((address: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const { operatorId } = await findByEmail(run, address)
        const made = await run('operator.reset', { operatorId })
        print(context, options, made, [
          `Valid once, until ${made.expiresAt}: ${made.link}`,
          'Their current credentials stop working when it is used; their API tokens stay: lobbykey operator revoke-tokens',
        ])
      }),
    )

  addVerb(operator, 'revoke-tokens', 'Ends all API tokens of an operator at once, as when their credentials were stolen.')
    .argument(...email)
    .addHelpText('after', '\nExample: lobbykey operator revoke-tokens colleague@example.com')
    .action((address: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const { operatorId } = await findByEmail(run, address)
        const done = await run('operator.revoke-tokens', { operatorId })
        print(context, options, done, [`${done.revoked} ${done.revoked === 1 ? 'token' : 'tokens'} of ${address} revoked.`])
      }),
    )

  addVerb(operator, 'list', 'Lists the operators by e-mail.')
    .addHelpText('after', '\nExample: lobbykey operator list')
    .action((options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const operators = await allOperators(run)
        const rows = operators.map((found) => [found.email, found.role, found.status, found.agentIds?.join(',') ?? 'all', found.createdAt])
        const none = 'There is no operator yet; add one with `lobbykey operator add`.'
        print(context, options, { operators }, tableLines(['EMAIL', 'ROLE', 'STATUS', 'MERCHANTS', 'SINCE'], rows, none))
      }),
    )

  addAccountOptions(addVerb(operator, 'update', "Changes an operator's name, role or merchants, within a second."))
    .argument(...email)
    .addHelpText('after', '\nExample: lobbykey operator update colleague@example.com --role support')
    .action((address: string, { name, role, merchant, ...options }: AccountOptions) =>
      withOperations(context, async ({ run }) => {
        const { operatorId } = await findByEmail(run, address)
        const changes = {
          ...(name === undefined ? {} : { name }),
          ...(role === undefined ? {} : { role }),
          ...(merchant === undefined ? {} : { agentIds: merchant.length === 0 ? null : merchant }),
        }
        const changed = await run('operator.update', { operatorId, ...changes })
        print(context, options, changed, [
          `Operator ${changed.email}: ${roles[changed.role].title}; merchants ${changed.agentIds?.join(', ') ?? 'all'}.`,
        ])
      }),
    )

  for (const [verb, summary] of [
    ['enable', 'Lets a disabled operator in again.'],
    ['disable', 'Bars an operator, with every session and token, within a second.'],
  ] as const) {
    addVerb(operator, verb, summary)
      .argument(...email)
      .addHelpText('after', `\nExample: lobbykey operator ${verb} colleague@example.com`)
      .action((address: string, options: CommonOptions) =>
        withOperations(context, async ({ run }) => {
          const { operatorId } = await findByEmail(run, address)
          const { status } = await run(`operator.${verb}`, { operatorId })
          print(context, options, { operatorId, email: address, status }, [`Operator ${address} is ${status}.`])
        }),
      )
  }
}

function addAccountOptions(verb: Command): Command {
  return verb
    .option('--name <name>', "the operator's name (default: the e-mail)")
    .addOption(new Option('--role <role>', "the operator's role (default: auditor)").choices(roleNames))
    .option('--merchant <agent-ids>', 'the only merchants it may act on, comma-separated; none: all merchants', (text) =>
      text === 'none' ? [] : text.split(','),
    )
}

function roleLines(): string[] {
  return Object.entries(roles).map(([role, { title }]) => `  ${role.padEnd(8)} ${title}`)
}

function allOperators(run: OperationRunner['run']): Promise<AdminOutput<'operator.show'>[]> {
  return allItems((cursor) => run('operator.list', { limit: 200, ...(cursor === undefined ? {} : { cursor }) }))
}

/** @throws GatewayError not_found */
async function findByEmail(run: OperationRunner['run'], email: string): Promise<AdminOutput<'operator.show'>> {
  const normal = normalizeEmail(email)
  const found = (await allOperators(run)).find((operator) => operator.email === normal)
  if (found === undefined) throw new GatewayError('not_found', { message: `there is no operator ${printable(email)}` })
  return found
}
