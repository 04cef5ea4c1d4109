import { lockedStatus, type MemberStatus, memberStatusNames, memberStatusText, parameterError } from '@lobbykey/contract'
import { type Command, Option } from 'commander'
import { MemberAdmin } from '../core/members/member-admin.ts'
import type { MemberRecord } from '../store/store.ts'
import { addVerb, type CommandContext, type CommonOptions, parseLimit, print, tableLines, timeText, timeValue } from './command-context.ts'
import { addSessionVerbs } from './member-sessions.ts'
import { withStore } from './with-store.ts'

/** `lobbykey member …` */
export function addMemberVerbs(program: Command, context: CommandContext): void {
  const member = program.command('member').summary("merchants' members").description("Merchants' members.")
  const agentId = ['<agent-id>', 'the merchant'] as const
  const userId = ['<user-id>', "the member, the merchant's user ID"] as const

  addVerb(member, 'add', 'Creates a member.')
    .argument(...agentId)
    .argument('<user-id>', "the merchant's user ID, 3 to 64 of A-Z a-z 0-9 _")
    .option('--name <user-name>', 'display name, 1 to 64 of A-Z a-z 0-9 _ (the user ID unless set)')
    .option('--desc <text>', 'description, up to 20 of A-Z a-z 0-9 _ and blank')
    .action((agent: string, user: string, options: CommonOptions & { name?: string; desc?: string }) =>
      withAdmin(context, async (admin) => {
        const { name: userName, desc } = options
        const profile = { ...(userName === undefined ? {} : { userName }), ...(desc === undefined ? {} : { desc }) }
        print(context, options, describe(await admin.add(agent, user, profile)), [`Member ${user} of merchant ${agent} is created.`])
      }),
    )

  addVerb(member, 'lock', "Sets a member's status. One that keeps it out also ends its sessions.")
    .argument(...agentId)
    .argument(...userId)
    .addOption(new Option('--status <status>', memberStatusText).choices(memberStatusNames).default(lockedStatus))
    .action((agent: string, user: string, options: CommonOptions & { status: MemberStatus }) =>
      withAdmin(context, async (admin) => {
        await admin.setStatus(agent, user, options.status)
        print(context, options, { agentId: agent, userId: user, status: options.status }, [
          `Member ${user} of merchant ${agent} is ${options.status}.`,
        ])
      }),
    )

  addVerb(member, 'logout', "Ends a member's sessions; its tokens stay refused until they would have expired.")
    .argument(...agentId)
    .argument(...userId)
    .action((agent: string, user: string, options: CommonOptions) =>
      withAdmin(context, async (admin) => {
        await admin.logout(agent, user)
        print(context, options, { agentId: agent, userId: user }, [`Member ${user} of merchant ${agent} is logged out.`])
      }),
    )

  addVerb(member, 'list', "Lists a merchant's members by user ID.")
    .argument(...agentId)
    .option('--after <user-id>', 'begin after this member')
    .option('--limit <n>', 'how many at most, 1 to 1000', parseLimit, 100)
    .action((agent: string, options: CommonOptions & { after?: string; limit: number }) =>
      withAdmin(context, async (admin) => {
        const { after, limit } = options
        const members = await admin.list(agent, { limit, ...(after === undefined ? {} : { afterUserId: after }) })
        const rows = members.map((found) => [found.userId, found.status, found.userName, timeText(found.createdAt)])
        const more = members.length === limit ? [`There may be more: --after ${members.at(-1)?.userId}`] : []
        const lines = tableLines(['USER_ID', 'STATUS', 'NAME', 'CREATED'], rows, `Merchant ${agent} has no members here.`)
        print(context, options, { members: members.map(describe) }, [...lines, ...more])
      }),
    )

  addSessionVerbs(member, context)

  addVerb(member, 'erase', "Removes a member's personal data for good, and ends its sessions; the record of events keeps its user ID only.")
    .argument(...agentId)
    .argument(...userId)
    .option('--yes', 'do it: there is no way back')
    .action((agent: string, user: string, options: CommonOptions & { yes?: true }) =>
      withAdmin(context, async (admin) => {
        if (!options.yes) throw parameterError('erase', 'has no way back: add --yes to do it')
        await admin.erase(agent, user)
        print(context, options, { agentId: agent, userId: user, erased: true }, [`Member ${user} of merchant ${agent} is erased.`])
      }),
    )
}

async function withAdmin(context: CommandContext, run: (admin: MemberAdmin) => Promise<void>): Promise<void> {
  await withStore(context, (store) => run(new MemberAdmin({ store, clock: context.clock, origin: { surface: 'cli' } })))
}

function describe({ createdAt, updatedAt, ...member }: MemberRecord) {
  return { ...member, createdAt: timeValue(createdAt), updatedAt: timeValue(updatedAt) }
}
