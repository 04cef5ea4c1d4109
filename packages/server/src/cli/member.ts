import {
  GatewayError,
  lockedStatus,
  type MemberStatus,
  memberRow,
  memberStatusNames,
  memberStatusText,
  parameterError,
} from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { type Command, Option } from 'commander'
import { addVerb, type CommandContext, type CommonOptions, moreLines, parseLimit, print, tableLines } from './command-context.ts'
import { dryRunOption, type ImportOptions, importedFile, importFile } from './line-import.ts'
import { addSessionVerbs } from './member-sessions.ts'
import { someItems, withOperations } from './operate.ts'
import { type PurposeOption, purposeOption } from './purpose-option.ts'

interface ProfileOptions extends CommonOptions {
  name?: string
  desc?: string
}

interface ListOptions extends CommonOptions, PurposeOption {
  begins?: string
  name?: string
  status?: MemberStatus
  after?: string
  limit: number
}

const agentId = ['<agent-id>', 'the merchant'] as const
const userId = ['<user-id>', "the member, the merchant's user ID"] as const

/** `lobbykey member …` */
export function addMemberVerbs(program: Command, context: CommandContext): void {
  const member = program.command('member').summary("merchants' members").description("Merchants' members.")
  addProfileVerbs(member, context)
  addListVerbs(member, context)
  addStatusVerbs(member, context)
  addSessionVerbs(member, context)

  addVerb(member, 'erase', "Permanently removes a member's personal data and ends its sessions; events keep only its user ID.")
    .argument(...agentId)
    .argument(...userId)
    .option('--yes', 'confirm: this cannot be undone')
    .addHelpText('after', '\nExample: lobbykey member erase acme uid001 --yes')
    .action((agent: string, user: string, options: CommonOptions & { yes?: true }) =>
      withOperations(context, async ({ run }) => {
        if (!options.yes) throw parameterError('erase', 'cannot be undone: add --yes to confirm')
        const erased = await run('member.erase', { agentId: agent, userId: user })
        print(context, options, erased, [`Member ${user} of merchant ${agent} is erased.`])
      }),
    )
}

function addProfileVerbs(member: Command, context: CommandContext): void {
  addVerb(member, 'add', 'Creates a member.')
    .argument(...agentId)
    .argument('<user-id>', "the merchant's user ID, 3 to 64 of A-Z a-z 0-9 _")
    .option('--name <user-name>', 'display name, 1 to 64 of A-Z a-z 0-9 _ (default: the user ID)')
    .option('--desc <text>', 'description, up to 20 of A-Z a-z 0-9 _ and blank')
    .addHelpText('after', '\nExample: lobbykey member add acme uid001 --name Ann')
    .action((agent: string, user: string, options: ProfileOptions) =>
      withOperations(context, async ({ run }) => {
        const added = await run('member.add', { agentId: agent, userId: user, ...profileOf(options) })
        print(context, options, added, [`Member ${user} of merchant ${agent} is created.`])
      }),
    )

  addVerb(member, 'import', 'Creates members from a file and leaves existing ones unchanged; safe to repeat.')
    .argument(...agentId)
    .argument('<file>', importedFile(Object.keys(memberRow.properties)))
    .option(...dryRunOption)
    .addHelpText(
      'after',
      `\ndesc and status may be left out. Status: ${memberStatusText}.\nExample: lobbykey member import acme members.csv --dry-run`,
    )
    .action((agent: string, file: string, options: ImportOptions) =>
      withOperations(context, ({ run }) =>
        importFile(context, options, file, (lines, isDryRun) => run('member.import', { agentId: agent, ...lines }, { isDryRun })),
      ),
    )

  addVerb(member, 'update', "Changes a member's name or description.")
    .argument(...agentId)
    .argument(...userId)
    .option('--name <user-name>', 'display name, 1 to 64 of A-Z a-z 0-9 _')
    .option('--desc <text>', 'description, up to 20 of A-Z a-z 0-9 _ and blank; empty clears it')
    .addHelpText('after', '\nExample: lobbykey member update acme uid001 --name Ann')
    .action(async (agent: string, user: string, options: ProfileOptions) => {
      const profile = profileOf(options)
      if (Object.keys(profile).length === 0)
        throw new GatewayError('invalid_parameter', { message: 'name what to change: --name or --desc' })
      await withOperations(context, async ({ run }) => {
        const changed = await run('member.update', { agentId: agent, userId: user, ...profile })
        print(context, options, changed, showLines(changed))
      })
    })

  addVerb(member, 'show', 'Shows a member.')
    .argument(...agentId)
    .argument(...userId)
    .option(...purposeOption)
    .addHelpText('after', '\nExample: lobbykey member show acme uid001 --purpose "ticket 4711"')
    .action((agent: string, user: string, { purpose, ...options }: CommonOptions & PurposeOption) =>
      withOperations({ ...context, purpose }, async ({ run }) => {
        const found = await run('member.show', { agentId: agent, userId: user })
        print(context, options, found, showLines(found))
      }),
    )
}

function addListVerbs(member: Command, context: CommandContext): void {
  addVerb(member, 'list', "Lists a merchant's members by user ID, or by name with --name.")
    .argument(...agentId)
    .option('--begins <text>', 'only user IDs that start with this')
    .option('--name <text>', 'only names that start with this')
    .addOption(new Option('--status <status>', `only members with this status: ${memberStatusText}`).choices(memberStatusNames))
    .option('--after <user-id>', 'start after this member')
    .option('--limit <n>', 'how many to list, 1 to 1000', parseLimit, 100)
    .option(...purposeOption)
    .addHelpText('after', '\nExample: lobbykey member list acme --begins uid')
    .action((agent: string, options: ListOptions) =>
      withOperations({ ...context, purpose: options.purpose }, async ({ run }) => {
        const { begins: q, name, status, after, limit } = options
        const filter = {
          ...(q === undefined ? {} : { q }),
          ...(name === undefined ? {} : { name }),
          ...(status === undefined ? {} : { status }),
        }
        const { items: members, hasMore } = await someItems(
          (page) =>
            run('member.list', {
              agentId: agent,
              ...filter,
              ...page,
              ...(after === undefined || page.cursor !== undefined ? {} : { after }),
            }),
          limit,
        )
        const rows = members.map((found) => [found.userId, found.status, found.userName, found.createdAt])
        const none = `Merchant ${agent} has no ${Object.keys(filter).length === 0 ? 'members' : 'such members'}.`
        const lines = tableLines(['USER_ID', 'STATUS', 'NAME', 'CREATED'], rows, none)
        print(context, options, { members }, [...lines, ...moreLines(hasMore, name === undefined ? members.at(-1)?.userId : undefined)])
      }),
    )
}

function addStatusVerbs(member: Command, context: CommandContext): void {
  addVerb(member, 'lock', "Sets a member's status. One that bars logins also ends its sessions.")
    .argument(...agentId)
    .argument(...userId)
    .addOption(new Option('--status <status>', memberStatusText).choices(memberStatusNames).default(lockedStatus))
    .addHelpText('after', '\nExample: lobbykey member lock acme uid001 --status LockBet')
    .action((agent: string, user: string, options: CommonOptions & { status: MemberStatus }) =>
      withOperations(context, async ({ run }) => {
        const locked = await run('member.lock', { agentId: agent, userId: user, status: options.status })
        print(context, options, locked, [`Member ${user} of merchant ${agent} is ${locked.status}.`])
      }),
    )

  addVerb(member, 'unlock', 'Lets a locked member log in and bet again.')
    .argument(...agentId)
    .argument(...userId)
    .addHelpText('after', '\nExample: lobbykey member unlock acme uid001')
    .action((agent: string, user: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const unlocked = await run('member.unlock', { agentId: agent, userId: user })
        print(context, options, unlocked, [`Member ${user} of merchant ${agent} is ${unlocked.status}.`])
      }),
    )

  addVerb(member, 'logout', "Ends a member's sessions; its tokens stay refused until they would have expired.")
    .argument(...agentId)
    .argument(...userId)
    .addHelpText('after', '\nExample: lobbykey member logout acme uid001')
    .action((agent: string, user: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const done = await run('member.logout', { agentId: agent, userId: user })
        print(context, options, done, [`Member ${user} of merchant ${agent} is logged out.`])
      }),
    )
}

function profileOf({ name, desc }: ProfileOptions): { userName?: string; desc?: string } {
  return { ...(name === undefined ? {} : { userName: name }), ...(desc === undefined ? {} : { desc }) }
}

function showLines({ agentId: agent, userId: user, userName, desc, status, createdAt, updatedAt }: AdminOutput<'member.show'>): string[] {
  return [
    `Member ${user} of merchant ${agent}, ${status}, since ${createdAt}`,
    `  name         ${userName}`,
    `  description  ${desc === '' ? '-' : desc}`,
    `  changed      ${updatedAt}`,
  ]
}
