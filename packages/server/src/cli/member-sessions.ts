import { GatewayError } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { type Command, InvalidArgumentError } from 'commander'
import { addVerb, type CommandContext, type CommonOptions, moreLines, parseLimit, print, tableLines } from './command-context.ts'
import { confirm } from './confirm.ts'
import { allItems, type OperationRunner, someItems, withOperations } from './operate.ts'
import { type PurposeOption, purposeOption } from './purpose-option.ts'

interface KickOptions extends CommonOptions {
  all?: true
  yes?: true
  wait: number
}

interface OnlineOptions extends CommonOptions, PurposeOption {
  list?: true
  after?: string
  limit: number
}

type Session = AdminOutput<'member-session.show'>
type Summary = AdminOutput<'member-session.summary'>

/** `lobbykey member kick` and `online`. */
export function addSessionVerbs(member: Command, context: CommandContext): void {
  addVerb(member, 'kick', 'Ends live sessions within a second: of a member or guest, of a merchant, or all.')
    .argument('[agent-id]', 'the merchant; omit with --all for every merchant')
    .argument('[user-id]', 'the member or guest; omit with --all for everyone at the merchant')
    .option('--all', 'end all sessions of the merchant, or of every merchant')
    .option('--yes', 'with --all: skip the confirmation')
    .option('--wait <seconds>', 'how long to wait for lobbies to confirm, 0 to 60', parseWait, 2)
    .addHelpText('after', '\nExample: lobbykey member kick acme uid001')
    .action((agentId: string | undefined, userId: string | undefined, options: KickOptions) => kick(context, agentId, userId, options))

  addVerb(member, 'online', "Counts a merchant's live sessions by platform, currency and game, or those of all merchants.")
    .argument('[agent-id]', 'the merchant; default: all')
    .option('--list', "also list the merchant's sessions by user ID")
    .option('--after <user-id>', 'start the list after this member or guest')
    .option('--limit <n>', 'how many to list, 1 to 1000', parseLimit, 100)
    .option(...purposeOption)
    .addHelpText('after', '\nExample: lobbykey member online acme --list')
    .action((agentId: string | undefined, options: OnlineOptions) =>
      withOperations({ ...context, purpose: options.purpose }, ({ run }) =>
        agentId === undefined ? showAll(context, run, options) : showOne(context, run, agentId, options),
      ),
    )

  addVerb(member, 'sessions', "Lists a member's or guest's live sessions, or ends one of them.")
    .argument('<agent-id>', 'the merchant')
    .argument('<user-id>', 'the member or guest')
    .option('--end <session-id>', 'end this session, within a second')
    .option('--limit <n>', 'how many to list, 1 to 1000', parseLimit, 100)
    .option(...purposeOption)
    .addHelpText('after', '\nExample: lobbykey member sessions acme uid001')
    .action((agentId: string, userId: string, options: CommonOptions & PurposeOption & { end?: string; limit: number }) =>
      withOperations({ ...context, purpose: options.purpose }, ({ run }) =>
        options.end === undefined
          ? listSessions(context, run, { agentId, userId }, options)
          : endSession(context, run, { agentId, userId, sessionId: options.end }, options),
      ),
    )
}

async function kick(context: CommandContext, agentId: string | undefined, userId: string | undefined, options: KickOptions): Promise<void> {
  if (userId === undefined) {
    const whom = agentId === undefined ? 'every merchant' : `merchant ${agentId}`
    if (!options.all)
      throw new GatewayError('invalid_parameter', { message: `name a member, or add --all to end every session of ${whom}` })
    await confirm(context, options, `This ends every session of ${whom}.`)
  }
  await withOperations(context, async ({ run }) => {
    const { wait: waitSeconds } = options
    const done = await (agentId === undefined
      ? run('member.kick-everybody', { waitSeconds })
      : userId === undefined
        ? run('member.kick-merchant', { agentId, waitSeconds })
        : run('member.kick', { agentId, userId, waitSeconds }))
    const { ended, entered, acknowledged } = done
    const lobby = `${entered} had entered a lobby: ${acknowledged} confirmed the end, ${entered - acknowledged} did not`
    print(context, options, done, [
      `${sessionsText(ended)} ended.`,
      ...(entered === 0 ? [] : [`${lobby}${acknowledged < entered ? ` within ${waitSeconds} s` : ''}.`]),
    ])
  })
}

async function showAll(context: CommandContext, run: OperationRunner['run'], options: OnlineOptions): Promise<void> {
  if (options.list || options.after !== undefined) {
    throw new GatewayError('invalid_parameter', { message: 'name the merchant whose sessions to list' })
  }
  const merchants = await allItems((cursor) => run('member-session.summaries', { limit: 200, ...(cursor === undefined ? {} : { cursor }) }))
  const { sessions: all, isComplete: isAll } = await run('member-session.count', {})
  const rows = merchants.map(({ agentId, sessions, users, isComplete }) => [agentId, counted(sessions, isComplete), String(users)])
  const lines = tableLines(['AGENT_ID', 'SESSIONS', 'USERS'], rows, 'There is no merchant yet.')
  print(context, options, { merchants, sessions: all, isComplete: isAll }, [...lines, '', `In all: ${counted(all, isAll)}`])
}

async function showOne(context: CommandContext, run: OperationRunner['run'], agentId: string, options: OnlineOptions): Promise<void> {
  const { list, limit, after } = options
  const summary = await run('member-session.summary', { agentId })
  if (!list) {
    print(context, options, summary, summaryLines(summary))
    return
  }
  const { items, hasMore } = await readSessions(run, { agentId }, { limit, after })
  const lines = ['', ...sessionLines(items), ...moreLines(hasMore, items.at(-1)?.userId)]
  print(context, options, { ...summary, list: items.map(describe) }, [...summaryLines(summary), ...lines])
}

async function listSessions(
  context: CommandContext,
  run: OperationRunner['run'],
  whose: { agentId: string; userId: string },
  options: CommonOptions & { limit: number },
): Promise<void> {
  const { items, hasMore } = await readSessions(run, whose, options)
  const rows = items.map(({ sessionId, platform, currency, createdAt, expiresAt }) => [sessionId, platform, currency, createdAt, expiresAt])
  const none = `${whose.userId} has no live session at merchant ${whose.agentId}.`
  const lines = tableLines(['SESSION', 'PLATFORM', 'CURRENCY', 'SINCE', 'UNTIL'], rows, none)
  print(context, options, { sessions: items.map(describe) }, [...lines, ...(hasMore ? ['There are more: --limit'] : [])])
}

async function endSession(
  context: CommandContext,
  run: OperationRunner['run'],
  { agentId, userId, sessionId }: { agentId: string; userId: string; sessionId: string },
  options: CommonOptions,
): Promise<void> {
  const found = await run('member-session.show', { agentId, sessionId })
  if (found.userId !== userId) throw new GatewayError('not_found', { message: `${userId} has no session ${sessionId}` })
  const done = await run('member-session.end', { agentId, sessionId })
  print(context, options, done, [done.ended ? `Session ${sessionId} is ended.` : `Session ${sessionId} had already ended.`])
}

function readSessions(
  run: OperationRunner['run'],
  whose: { agentId: string; userId?: string },
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
) {
  return someItems(
    (page) => run('member-session.list', { ...whose, ...page, ...(after === undefined || page.cursor !== undefined ? {} : { after }) }),
    limit,
  )
}

function sessionLines(sessions: readonly Session[]): string[] {
  const rows = sessions.map((session) => [
    session.userId,
    session.kind,
    session.platform,
    session.currency,
    session.gameCode ?? '-',
    session.createdAt,
    session.expiresAt,
    session.enteredAt === null ? '-' : 'yes',
  ])
  const heading = ['USER_ID', 'KIND', 'PLATFORM', 'CURRENCY', 'GAME_CODE', 'SINCE', 'UNTIL', 'ENTERED']
  return tableLines(heading, rows, 'Nobody is online.')
}

function counted(count: number, isComplete: boolean): string {
  return isComplete ? String(count) : `at least ${count}`
}

function summaryLines({ agentId, sessions, users, isComplete, byPlatform, byCurrency, byGame }: Summary): string[] {
  const counts = (name: string, by: Readonly<Record<string, number>>) =>
    `  by ${name.padEnd(9)} ${Object.entries(by)
      .map(([value, count]) => `${value} ${count}`)
      .join(', ')}`
  return [
    `Merchant ${agentId} has ${counted(sessions, isComplete)} live ${sessions === 1 ? 'session' : 'sessions'} of ${users} ${users === 1 ? 'user' : 'users'}.`,
    ...(sessions === 0 ? [] : [counts('platform', byPlatform), counts('currency', byCurrency), counts('game', byGame)]),
  ]
}

function sessionsText(count: number): string {
  return `${count} ${count === 1 ? 'session' : 'sessions'}`
}

function describe(session: Session) {
  const { sessionId, userId, kind, platform, language, currency, gameCode, createdAt: since, expiresAt: until, enteredAt } = session
  return { sessionId, userId, kind, platform, language, currency, gameCode, since, until, enteredAt }
}

function parseWait(text: string): number {
  if (!/^(?:[0-9]|[1-5][0-9]|60)$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 0 to 60.')
  return Number(text)
}
