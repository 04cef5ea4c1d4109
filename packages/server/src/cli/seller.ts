import { GatewayError, passwordLengthText, sellerColumns } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { type Command, Option } from 'commander'
import { addVerb, type CommandContext, type CommonOptions, moreLines, parseLimit, print, tableLines } from './command-context.ts'
import { confirm } from './confirm.ts'
import { type Labels, labelFilterOption, labelOption, labelText } from './label-option.ts'
import { dryRunOption, type ImportOptions, importedFile, importFile } from './line-import.ts'
import { type OperationRunner, someItems, withOperations } from './operate.ts'
import { readSecret } from './read-input.ts'

interface ListOptions extends CommonOptions {
  begins?: string
  status?: 'enabled' | 'disabled'
  label?: string
  after?: string
  limit: number
}

interface SessionsOptions extends CommonOptions {
  end?: true | string
  limit: number
}

const email = ['<email>', "the seller's login e-mail, or its ID"] as const
const passwordNote = `\nThe password comes from a prompt or standard input. It needs ${passwordLengthText} and must not be easy to guess.`

/** `lobbykey seller …` */
export function addSellerVerbs(program: Command, context: CommandContext): void {
  const seller = program.command('seller').summary('sellers and their logins').description('Sellers and their logins.')
  addAccountVerbs(seller, context)
  addListVerbs(seller, context)
  addAccessVerbs(seller, context)

  addVerb(seller, 'import', 'Imports sellers with password hashes of another system; safe to repeat.')
    .argument('<file>', importedFile(sellerColumns))
    .option(...dryRunOption)
    .addHelpText(
      'after',
      "\nHashes: bcrypt, scrypt, PBKDF2, Argon2. Each is replaced by Argon2id at its seller's next login.\nExample: lobbykey seller import sellers.csv --dry-run",
    )
    .action((file: string, options: ImportOptions) =>
      withOperations(context, ({ run }) =>
        importFile(context, options, file, (lines, isDryRun) => run('seller.import', lines, { isDryRun })),
      ),
    )
  addSessionsVerb(seller, context)
}

function addAccountVerbs(seller: Command, context: CommandContext): void {
  addVerb(seller, 'add', 'Adds a seller.')
    .argument('<email>', "the seller's login e-mail")
    .option(...labelOption)
    .addHelpText('after', `${passwordNote}\nExample: lobbykey seller add ops@example.com`)
    .action((text: string, { label, ...options }: CommonOptions & { label?: Labels }) =>
      withOperations(context, async ({ run }) => {
        const labels = label === undefined ? {} : { labels: label }
        const added = await run('seller.add', { email: text, password: await readSecret(context, 'Password'), ...labels })
        print(context, options, added, [`Seller ${added.email} is added.`])
      }),
    )

  addVerb(seller, 'update', "Changes a seller's e-mail or labels. Another e-mail voids a reset link sent to the old one.")
    .argument(...email)
    .option('--email <email>', 'the new login e-mail')
    .option(...labelOption)
    .addHelpText('after', '\nExample: lobbykey seller update ops@example.com --email team@example.com')
    .action((text: string, { email: changed, label, ...options }: CommonOptions & { email?: string; label?: Labels }) =>
      withOperations(context, async ({ run }) => {
        if (changed === undefined && label === undefined) {
          throw new GatewayError('invalid_parameter', { message: 'name at least one thing to change; see --help' })
        }
        const changes = { ...(changed === undefined ? {} : { email: changed }), ...(label === undefined ? {} : { labels: label }) }
        const found = await run('seller.update', { sellerId: text, ...changes })
        print(context, options, found, showLines(found))
      }),
    )

  addVerb(seller, 'delete', 'Permanently deletes a seller whose tokens have all expired.')
    .argument(...email)
    .option('--yes', 'skip the confirmation')
    .addHelpText('after', '\nExample: lobbykey seller delete ops@example.com --yes')
    .action(async (text: string, options: CommonOptions & { yes?: true }) => {
      await confirm(context, options, `This permanently deletes seller ${text}.`)
      await withOperations(context, async ({ run }) => {
        print(context, options, await run('seller.delete', { sellerId: text }), [`Seller ${text} is deleted.`])
      })
    })
}

function addListVerbs(seller: Command, context: CommandContext): void {
  addVerb(seller, 'list', 'Lists the sellers by e-mail.')
    .option('--begins <text>', 'only e-mails that start with this')
    .addOption(new Option('--status <status>', 'only sellers with this status').choices(['enabled', 'disabled']))
    .option(...labelFilterOption)
    .option('--after <email>', 'start after this seller')
    .option('--limit <n>', 'how many to list, 1 to 1000', parseLimit, 100)
    .addHelpText('after', '\nExample: lobbykey seller list --begins ops@')
    .action((options: ListOptions) =>
      withOperations(context, async ({ run }) => {
        const { begins, status, label, after, limit } = options
        const filter = {
          ...(begins === undefined ? {} : { q: begins }),
          ...(status === undefined ? {} : { status }),
          ...(label === undefined ? {} : { label }),
        }
        const { items: sellers, hasMore } = await someItems(
          (page) => run('seller.list', { ...filter, ...page, ...(after === undefined || page.cursor !== undefined ? {} : { after }) }),
          limit,
        )
        const rows = sellers.map((found) => [found.email, found.status, found.lastLoginAt ?? '-', labelText(found.labels)])
        const none = 'There is no such seller; add one with `lobbykey seller add`.'
        const lines = tableLines(['EMAIL', 'STATUS', 'LAST LOGIN', 'LABELS'], rows, none)
        print(context, options, { sellers }, [...lines, ...moreLines(hasMore, sellers.at(-1)?.email)])
      }),
    )

  addVerb(seller, 'show', 'Shows a seller.')
    .argument(...email)
    .addHelpText('after', '\nExample: lobbykey seller show ops@example.com')
    .action((text: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const found = await run('seller.show', { sellerId: text })
        print(context, options, found, showLines(found))
      }),
    )
}

function addAccessVerbs(seller: Command, context: CommandContext): void {
  addStatusVerb(seller, context, 'enable', 'Lets a disabled seller log in again.')
  addStatusVerb(seller, context, 'disable', 'Bars a seller and ends its sessions, within a second.')

  addVerb(seller, 'unlock', 'Resets the count of wrong passwords, so that the seller can log in at once.')
    .argument(...email)
    .addHelpText('after', '\nExample: lobbykey seller unlock ops@example.com')
    .action((text: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        print(context, options, await run('seller.unlock', { sellerId: text }), [`Seller ${text} is unlocked.`])
      }),
    )

  addVerb(seller, 'set-password', "Sets a seller's password and ends its sessions.")
    .argument(...email)
    .addHelpText('after', `${passwordNote}\nExample: lobbykey seller set-password ops@example.com`)
    .action((text: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        await run('seller.show', { sellerId: text })
        const done = await run('seller.set-password', { sellerId: text, password: await readSecret(context, 'Password') })
        print(context, options, done, [`Seller ${text} has a new password; its sessions are ended.`])
      }),
    )

  addVerb(seller, 'reset', 'Prints a link for the seller to set a new password, valid once and for an hour.')
    .argument(...email)
    .addHelpText(
      'after',
      '\nThe link starts with PUBLIC_URL. A newer link, or any other new password, voids it.\nExample: lobbykey seller reset ops@example.com',
    )
    .action((text: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const link = await run('seller.reset', { sellerId: text })
        print(context, options, link, [
          `Give this link to the owner of ${text} and nobody else. It works once, until ${link.expiresAt}:`,
          link.url,
        ])
      }),
    )
}

function addStatusVerb(seller: Command, context: CommandContext, verb: 'enable' | 'disable', summary: string): void {
  addVerb(seller, verb, summary)
    .argument(...email)
    .addHelpText('after', `\nExample: lobbykey seller ${verb} ops@example.com`)
    .action((text: string, options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const done = await run(`seller.${verb}`, { sellerId: text })
        print(context, options, done, [`Seller ${text} is ${done.status}.`])
      }),
    )
}

function addSessionsVerb(seller: Command, context: CommandContext): void {
  addVerb(seller, 'sessions', "Lists a seller's sessions, newest first, or ends one or all.")
    .argument(...email)
    .option('--end [sid]', 'end every live session, or this one, within a second')
    .option('--limit <n>', 'how many to list, 1 to 1000', parseLimit, 100)
    .addHelpText('after', '\nExample: lobbykey seller sessions ops@example.com')
    .action((text: string, options: SessionsOptions) =>
      withOperations(context, ({ run }) =>
        options.end === undefined ? listSessions(context, run, text, options) : endSessions(context, run, text, options),
      ),
    )
}

async function endSessions(
  context: CommandContext,
  run: OperationRunner['run'],
  sellerId: string,
  options: SessionsOptions,
): Promise<void> {
  if (typeof options.end === 'string') {
    const done = await run('seller-session.end', { sellerId, sid: options.end })
    print(context, options, done, [`Session ${done.sid} of ${sellerId} ${done.ended ? 'is ended' : 'had already ended'}.`])
    return
  }
  const done = await run('seller.end-sessions', { sellerId })
  print(context, options, done, [`${done.ended} ${done.ended === 1 ? 'session' : 'sessions'} of ${sellerId} ended.`])
}

async function listSessions(
  context: CommandContext,
  run: OperationRunner['run'],
  sellerId: string,
  options: SessionsOptions,
): Promise<void> {
  const { items: sessions, hasMore } = await someItems((page) => run('seller-session.list', { sellerId, ...page }), options.limit)
  const rows = sessions.map((session) => [session.sid, session.state, session.createdAt, session.address ?? '-'])
  const lines = tableLines(['SID', 'STATE', 'SINCE', 'ADDRESS'], rows, `${sellerId} has no sessions.`)
  print(context, options, { sessions }, [...lines, ...(hasMore ? ['There are more: --limit'] : [])])
}

function showLines({
  email: text,
  status,
  sellerId,
  labels,
  createdAt,
  lastLoginAt,
  needlessLogins,
}: AdminOutput<'seller.show'>): string[] {
  return [
    `Seller ${text}, ${status}`,
    `  seller ID   ${sellerId}`,
    `  added       ${createdAt}`,
    `  last login  ${lastLoginAt ?? '-'}`,
    `  labels      ${labelText(labels)}`,
    `  needless    ${needlessLogins} ${needlessLogins === 1 ? 'login' : 'logins'} made while a fresh token existed`,
  ]
}
