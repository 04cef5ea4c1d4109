import { setTimeout as wait } from 'node:timers/promises'
import { GatewayError } from '@lobbykey/contract'
import { type Command, InvalidArgumentError } from 'commander'
import { type KickScope, type OnlineSummary, SessionAdmin } from '../core/member-sessions/session-admin.ts'
import type { MemberSession } from '../store/store.ts'
import { addVerb, type CommandContext, type CommonOptions, parseLimit, print, tableLines, timeText, timeValue } from './command-context.ts'
import { withStore } from './with-store.ts'

/** How often a lobby's acknowledgement is looked for. */
const askEveryMs = 100

interface KickOptions extends CommonOptions {
  all?: true
  wait: number
}

interface OnlineOptions extends CommonOptions {
  list?: true
  after?: string
  limit: number
}

/** `lobbykey member kick` and `online`. */
export function addSessionVerbs(member: Command, context: CommandContext): void {
  addVerb(member, 'kick', 'Ends live sessions, within a second: of a member or guest, of a merchant, or of everybody.')
    .argument('[agent-id]', 'the merchant; none with --all: every merchant')
    .argument('[user-id]', 'the member or guest; none with --all: everyone at the merchant')
    .option('--all', 'end the sessions of everyone that the arguments leave open')
    .option('--wait <seconds>', 'how long lobbies have to acknowledge, 0 to 60', parseWait, 2)
    .action((agentId: string | undefined, userId: string | undefined, options: KickOptions) =>
      withAdmin(context, (admin) => kick(context, admin, { agentId, userId }, options)),
    )

  addVerb(member, 'online', 'Tells how many sessions live at a merchant, by platform, currency and game; or at all merchants.')
    .argument('[agent-id]', 'the merchant; all unless given')
    .option('--list', "list the merchant's sessions by user ID as well")
    .option('--after <user-id>', 'begin the list after this member or guest')
    .option('--limit <n>', 'how many to list at most, 1 to 1000', parseLimit, 100)
    .action((agentId: string | undefined, options: OnlineOptions) =>
      withAdmin(context, (admin) => (agentId === undefined ? showAll(context, admin, options) : showOne(context, admin, agentId, options))),
    )
}

async function kick(context: CommandContext, admin: SessionAdmin, scope: KickScope, options: KickOptions): Promise<void> {
  if (scope.userId === undefined && !options.all) {
    const whom = scope.agentId === undefined ? 'every merchant' : `merchant ${scope.agentId}`
    throw new GatewayError('invalid_parameter', { message: `name a member, or add --all to end every session of ${whom}` })
  }
  const { ended, open } = await admin.kick(scope)
  const acknowledged = await awaitAcknowledgements(admin, open, options.wait)
  const lobby = `${open.length} had been let into a lobby: ${acknowledged} acknowledged, ${open.length - acknowledged} not`
  print(context, options, { ...scope, ended, entered: open.length, acknowledged }, [
    `${ended} ${ended === 1 ? 'session' : 'sessions'} ended.`,
    ...(open.length === 0 ? [] : [`${lobby}${acknowledged < open.length ? ` within ${options.wait} s` : ''}.`]),
  ])
}

/** How many said so in time; asks until all did. */
async function awaitAcknowledgements(admin: SessionAdmin, open: readonly Uint8Array[], seconds: number): Promise<number> {
  if (open.length === 0) return 0
  for (let waitedMs = 0; ; waitedMs += askEveryMs) {
    const acknowledged = await admin.countAcknowledged(open)
    if (acknowledged === open.length || waitedMs >= seconds * 1_000) return acknowledged
    await wait(askEveryMs)
  }
}

async function showAll(context: CommandContext, admin: SessionAdmin, options: OnlineOptions): Promise<void> {
  if (options.list || options.after !== undefined) {
    throw new GatewayError('invalid_parameter', { message: 'name the merchant whose sessions are to be listed' })
  }
  const merchants = await admin.summarizeAll()
  const rows = merchants.map(({ agentId, sessions, users }) => [agentId, String(sessions), String(users)])
  print(context, options, { merchants }, tableLines(['AGENT_ID', 'SESSIONS', 'USERS'], rows, 'There is no merchant yet.'))
}

async function showOne(context: CommandContext, admin: SessionAdmin, agentId: string, options: OnlineOptions): Promise<void> {
  const { list, limit, after } = options
  const summary = await admin.summarize(agentId)
  const sessions = list ? await admin.list(agentId, { limit, afterUserId: after }) : []
  const rows = sessions.map((session) => [
    session.userId,
    session.kind,
    session.platform,
    session.currency,
    session.gameCode ?? '-',
    timeText(session.createdAt),
    timeText(session.expiresAt),
    session.enteredAt === null ? '-' : 'yes',
  ])
  const heading = ['USER_ID', 'KIND', 'PLATFORM', 'CURRENCY', 'GAME_CODE', 'SINCE', 'UNTIL', 'ENTERED']
  const more = list && sessions.length === limit ? [`There may be more: --after ${sessions.at(-1)?.userId}`] : []
  const lines = list ? ['', ...tableLines(heading, rows, 'Nobody is online.'), ...more] : []
  print(context, options, list ? { ...summary, list: sessions.map(describe) } : summary, [...summaryLines(summary), ...lines])
}

function summaryLines({ agentId, sessions, users, byPlatform, byCurrency, byGame }: OnlineSummary): string[] {
  const counts = (name: string, by: Readonly<Record<string, number>>) =>
    `  by ${name.padEnd(9)} ${Object.entries(by)
      .map(([value, count]) => `${value} ${count}`)
      .join(', ')}`
  return [
    `Merchant ${agentId} has ${sessions} live ${sessions === 1 ? 'session' : 'sessions'} of ${users} ${users === 1 ? 'user' : 'users'}.`,
    ...(sessions === 0 ? [] : [counts('platform', byPlatform), counts('currency', byCurrency), counts('game', byGame)]),
  ]
}

/** What an operator is told of a session: not the callback, nor what would open it. */
function describe({ userId, kind, platform, language, currency, gameCode, createdAt, expiresAt, enteredAt }: MemberSession) {
  return {
    userId,
    kind,
    platform,
    language,
    currency,
    gameCode,
    since: timeValue(createdAt),
    until: timeValue(expiresAt),
    enteredAt: timeValue(enteredAt),
  }
}

async function withAdmin(context: CommandContext, run: (admin: SessionAdmin) => Promise<void>): Promise<void> {
  await withStore(context, (store) => run(new SessionAdmin({ store, clock: context.clock, origin: { surface: 'cli' } })))
}

function parseWait(text: string): number {
  if (!/^(?:[0-9]|[1-5][0-9]|60)$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 0 to 60.')
  return Number(text)
}
