import { createReadStream, existsSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { GatewayError, passwordLengthText } from '@lobbykey/contract'
import type { Command } from 'commander'
import { ConfigError, findPublicUrl, readSettings } from '../config/read-env.ts'
import { claimMasterKey } from '../core/base/master-key-check.ts'
import type { SellerAdmin } from '../core/sellers/seller-admin.ts'
import { csvAsJson, importSellers } from '../core/sellers/seller-import.ts'
import { sandboxMark } from '../sandbox/seed.ts'
import { openSellerAdmin } from '../seller-services.ts'
import type { Enablement, SellerRecord, SellerSession, Store } from '../store/store.ts'
import { addVerb, type CommandContext, type CommonOptions, parseLimit, print, tableLines, timeText, timeValue } from './command-context.ts'
import { Progress } from './progress.ts'
import { readSecret } from './read-input.ts'
import { requireMasterKey, withStore } from './with-store.ts'

/** `lobbykey seller …` */
export function addSellerVerbs(program: Command, context: CommandContext): void {
  const seller = program.command('seller').summary('sellers and their logins').description('Sellers and their logins.')
  const email = ['<email>', "the seller's login e-mail"] as const
  const passwordNote = `\nThe password comes from a prompt, or from standard input; it has ${passwordLengthText} and is not easily guessed.`

  addVerb(seller, 'add', 'Adds a seller.')
    .argument(...email)
    .addHelpText('after', passwordNote)
    .action((text: string, options: CommonOptions) =>
      withAdmin(context, async (admin) => {
        const added = await admin.add(text, await readSecret(context, 'Password'))
        print(context, options, describe(added), [`Seller ${added.email} is added.`])
      }),
    )

  addVerb(seller, 'list', 'Lists the sellers by e-mail.')
    .option('--after <email>', 'begin after this seller')
    .option('--limit <n>', 'how many at most, 1 to 1000', parseLimit, 100)
    .action((options: CommonOptions & { after?: string; limit: number }) =>
      withAdmin(context, async (admin) => {
        const { after, limit } = options
        const sellers = await admin.list({ limit, ...(after === undefined ? {} : { afterEmail: after }) })
        const rows = sellers.map((found) => [found.email, found.status, timeText(found.lastLoginAt)])
        const more = sellers.length === limit ? [`There may be more: --after ${sellers.at(-1)?.email}`] : []
        const none = 'There is no seller here; add one with `lobbykey seller add`.'
        print(context, options, { sellers: sellers.map(describe) }, [...tableLines(['EMAIL', 'STATUS', 'LAST LOGIN'], rows, none), ...more])
      }),
    )

  addVerb(seller, 'show', 'Shows a seller.')
    .argument(...email)
    .action((text: string, options: CommonOptions) =>
      withAdmin(context, async (admin) => {
        const found = await admin.get(text)
        print(context, options, describe(found), [
          `Seller ${found.email}, ${found.status}`,
          `  seller ID   ${found.id}`,
          `  added       ${timeText(found.createdAt)}`,
          `  last login  ${timeText(found.lastLoginAt)}`,
          `  needless    ${found.needlessLogins} ${found.needlessLogins === 1 ? 'login' : 'logins'} made while a fresh token was there`,
        ])
      }),
    )

  addStatusVerb(seller, context, 'enable', 'enabled', 'Lets a disabled seller log in again.')
  addStatusVerb(seller, context, 'disable', 'disabled', 'Keeps a seller out and ends its sessions, within a second.')

  addVerb(seller, 'unlock', 'Forgets wrong passwords, so that the seller can log in at once.')
    .argument(...email)
    .action((text: string, options: CommonOptions) =>
      withAdmin(context, async (admin) => {
        await admin.unlock(text)
        print(context, options, { email: text }, [`Seller ${text} is unlocked.`])
      }),
    )

  addVerb(seller, 'set-password', "Sets a seller's password and ends its sessions.")
    .argument(...email)
    .addHelpText('after', passwordNote)
    .action((text: string, options: CommonOptions) =>
      withAdmin(context, async (admin) => {
        await admin.get(text)
        await admin.setPassword(text, await readSecret(context, 'Password'))
        print(context, options, { email: text }, [`Seller ${text} has a new password; its sessions are ended.`])
      }),
    )

  addVerb(seller, 'import', 'Adds sellers with the password hashes of another system; may run again.')
    .argument('<file>', 'one JSON object a line, or .csv under a header: email, passwordHash, status')
    .option('--dry-run', 'judge every line, and change nothing')
    .addHelpText('after', "\nHashes: bcrypt, scrypt, PBKDF2, Argon2. Each is replaced by Argon2id at its seller's next login.")
    .action((file: string, options: CommonOptions & { dryRun?: true }) =>
      withAdmin(context, async (_admin, store) => {
        if (!existsSync(file)) throw new GatewayError('not_found', { message: `there is no file ${file}` })
        const progress = new Progress(context.errorOutput, statSync(file).size)
        const lines = readLines(file, progress)
        const report = await importSellers(file.endsWith('.csv') ? csvAsJson(lines) : lines, {
          store: store.sellers,
          now: () => context.clock.now(),
          isDryRun: options.dryRun === true,
        })
        progress.end()
        const { added, existing, refused } = report
        const head = options.dryRun ? `${added} lines could be added` : `${added} added, ${existing} there already`
        print(context, options, report, [
          `${head}, ${refused.length} refused.`,
          ...refused.map(({ line, reason }) => `line ${line} ${reason}`),
        ])
      }),
    )

  addVerb(seller, 'reset', 'Prints a link with which the seller sets a new password, once, within the hour.')
    .argument(...email)
    .addHelpText('after', '\nThe link begins with PUBLIC_URL. A newer one, or a password set in any other way, voids it.')
    .action((text: string, options: CommonOptions) =>
      withAdmin(context, async (admin, store) => {
        const publicUrl = findPublicUrl(context.env) ?? (await sandboxUrl(context, store))
        const { token, expiresAt } = await admin.issueResetToken(text)
        const url = `${publicUrl}/reset#${token}`
        print(context, options, { email: text, url, expiresAt: timeValue(expiresAt) }, [
          `Give this link to the owner of ${text} and nobody else. It works once, until ${timeText(expiresAt)}:`,
          url,
        ])
      }),
    )

  addVerb(seller, 'sessions', "Lists a seller's sessions, newest first, or ends them all.")
    .argument(...email)
    .option('--end', 'end every live session, within a second')
    .option('--limit <n>', 'how many to list at most, 1 to 1000', parseLimit, 100)
    .action((text: string, options: CommonOptions & { end?: true; limit: number }) =>
      withAdmin(context, (admin) =>
        options.end ? endSessions(context, admin, text, options) : listSessions(context, admin, text, options),
      ),
    )
}

async function* readLines(file: string, progress: Progress): AsyncIterable<string> {
  for await (const line of createInterface({ input: createReadStream(file, 'utf8') })) {
    progress.add(Buffer.byteLength(line) + 1)
    yield line
  }
}

function addStatusVerb(seller: Command, context: CommandContext, verb: string, status: Enablement, summary: string): void {
  addVerb(seller, verb, summary)
    .argument('<email>', "the seller's login e-mail")
    .action((text: string, options: CommonOptions) =>
      withAdmin(context, async (admin) => {
        await admin.setStatus(text, status)
        print(context, options, { email: text, status }, [`Seller ${text} is ${status}.`])
      }),
    )
}

async function endSessions(context: CommandContext, admin: SellerAdmin, email: string, options: CommonOptions): Promise<void> {
  const ended = await admin.endSessions(email)
  print(context, options, { email, ended }, [`${ended} ${ended === 1 ? 'session' : 'sessions'} of ${email} ended.`])
}

async function listSessions(
  context: CommandContext,
  admin: SellerAdmin,
  email: string,
  options: CommonOptions & { limit: number },
): Promise<void> {
  const sessions = await admin.listSessions(email, options.limit)
  const now = context.clock.now()
  const rows = sessions.map((session) => [session.sid, stateOf(session, now), timeText(session.createdAt), session.address ?? '-'])
  const lines = tableLines(['SID', 'STATE', 'SINCE', 'ADDRESS'], rows, `${email} has no sessions.`)
  print(context, options, { sessions: sessions.map((session) => describeSession(session, now)) }, lines)
}

/** Where the sandbox is reached that made this store. @throws ConfigError when another server did */
async function sandboxUrl(context: CommandContext, store: Store): Promise<string> {
  if ((await store.meta.find(sandboxMark)) !== null) return readSettings(context.env, 'sandbox').publicUrl
  throw new ConfigError(['PUBLIC_URL is required here: set it to the one that the server runs with'])
}

async function withAdmin(context: CommandContext, run: (admin: SellerAdmin, store: Store) => Promise<void>): Promise<void> {
  await withStore(context, async (store, settings) => {
    const { clock } = context
    const sealer = await claimMasterKey(store.meta, requireMasterKey(settings))
    await run(await openSellerAdmin({ store, sealer, clock, settings, origin: { surface: 'cli' } }), store)
  })
}

function describe({ id, email, status, createdAt, lastLoginAt, needlessLogins }: SellerRecord) {
  return { sellerId: id, email, status, createdAt: timeValue(createdAt), lastLoginAt: timeValue(lastLoginAt), needlessLogins }
}

function describeSession(session: SellerSession, now: number) {
  return {
    sid: session.sid,
    state: stateOf(session, now),
    createdAt: timeValue(session.createdAt),
    expiresAt: timeValue(Math.min(session.idleExpiresAt, session.absoluteExpiresAt)),
    endedAt: timeValue(session.endedAt),
    address: session.address,
  }
}

function stateOf(session: SellerSession, now: number): string {
  if (session.endedAt !== null) return `ended: ${session.endReason}`
  return now < Math.min(session.idleExpiresAt, session.absoluteExpiresAt) ? 'live' : 'expired'
}
