import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { GatewayError, isGatewayError, parameterError } from '@lobbykey/contract'
import { type ConnectInput, type Right, type Role, roleNames, roles } from '@lobbykey/contract/admin'
import { type Command, Option } from 'commander'
import { AdminClient, AdminError } from 'lobbykey-client/admin'
import { ConfigError, findServer } from '../config/read-env.ts'
import { serverToken, serverUrl } from '../config/settings.ts'
import { addVerb, type CommandContext, type CommonOptions, print, shownText, tableLines } from './command-context.ts'
import { userName } from './local-caller.ts'
import { remoteRunner, toGatewayError, waitNotice } from './operate.ts'
import { readSecret } from './read-input.ts'
import {
  forgetConnection,
  listConnections,
  type SavedServer,
  type ServerConnection,
  saveConnection,
  useConnection,
} from './server-connection.ts'
import { addTokenTerms, type TokenTerms } from './token-terms.ts'

interface ConnectOptions extends CommonOptions, TokenTerms {
  readonly name?: string
  readonly role?: Role
  readonly withToken?: true
  readonly use?: true
  readonly list?: true
}

/** `lobbykey connect` and `lobbykey disconnect` */
export function addConnectVerbs(program: Command, context: CommandContext): void {
  const connect = addVerb(program, 'connect', 'Connects this user to a server; later commands run there.')
    .argument('[url]', "the URL of the server's admin API, such as https://admin.example.com")
    .option('--name <name>', 'what the token is for; default: this user and machine')
    .addOption(new Option('--role <role>', "ask for this role's rights").choices(roleNames).conflicts('right'))
  addTokenTerms(connect)
    .option('--with-token', 'read an API token from standard input or a prompt instead of asking an operator')
    .option('--use', 'run commands on this server, which is saved already')
    .option('--list', 'list the saved servers')
    .addHelpText(
      'after',
      `
It prints a link and a code. An operator who is signed in opens the link, enters the code, compares who asks and for what, and confirms; nobody needs
to copy a token. What is not asked for is the operator's: all its rights, all its merchants. The token is saved in your configuration folder, readable
by you only. Commands use it if neither DATABASE_URL nor LOBBYKEY_URL is set.
Example: lobbykey connect https://admin.example.com --right merchants.read --days 7`,
    )
    .action(async (text: string | undefined, options: ConnectOptions) => {
      if (options.list) return list(context, options)
      if (text === undefined) throw parameterError('the URL', 'is missing: name the server')
      const url = readUrl(text)
      if (options.use) return use(context, options, url)
      const server = options.withToken ? await givenToken(context, url) : await askOperator(context, url, options)
      const path = saveConnection(context.env, url, server)
      const { email, expiresAt } = server
      const who = email === undefined ? [] : [`You act as ${email} until ${expiresAt}.`]
      print(context, options, { url, path, ...publicOf(server) }, [
        `Commands now run on ${url}, until \`lobbykey disconnect\`.`,
        ...who,
        `Saved in ${path}.`,
        ...overruled(context),
      ])
    })

  addVerb(program, 'disconnect', 'Forgets a saved server and revokes the token that `lobbykey connect` got for it.')
    .argument('[url]', 'the server; default: the one that commands run on')
    .addHelpText(
      'after',
      `
A token that was given with --with-token may serve elsewhere, and stays valid.
Example: lobbykey disconnect`,
    )
    .action(async (text: string | undefined, options: CommonOptions) => {
      const url = text === undefined ? listConnections(context.env).current : readUrl(text)
      const forgotten = url === null ? null : forgetConnection(context.env, url)
      if (url === null || forgotten === null) {
        return print(context, options, { url: null, revoked: false }, [
          text === undefined ? 'There was no connection.' : `${url} is not saved.`,
        ])
      }
      const revoked = await revoke({ url, ...forgotten }, context)
      const rest = revoked ? 'and its token is revoked.' : 'its token stays valid until it expires or is revoked on the server.'
      print(context, options, { url, revoked }, [`The connection to ${url} is deleted; ${rest}`])
    })
}

function readUrl(text: string): string {
  const url = serverUrl.parse(text)
  if (url === undefined) throw new ConfigError([`the URL must be ${serverUrl.form}`])
  return url
}

function list(context: CommandContext, options: CommonOptions): void {
  const { current, servers } = listConnections(context.env)
  const rows = Object.entries(servers).map(([url, server]) => ({ url, isCurrent: url === current, ...publicOf(server) }))
  const heading = ['SERVER', 'CURRENT', 'OPERATOR', 'EXPIRES']
  const lines = rows.map(({ url, isCurrent, email, expiresAt }) => [url, isCurrent ? 'yes' : '', email ?? '', expiresAt ?? ''])
  const none = 'No server is saved; connect to one with `lobbykey connect URL`.'
  print(context, options, { servers: rows }, [...tableLines(heading, lines, none), ...overruled(context)])
}

function use(context: CommandContext, options: CommonOptions, url: string): void {
  if (!useConnection(context.env, url))
    throw new GatewayError('not_found', { message: `${url} is not saved: run \`lobbykey connect ${url}\`` })
  print(context, options, { url }, [`Commands now run on ${url}.`, ...overruled(context)])
}

/** All but the token. */
function publicOf({ token: _token, ...known }: SavedServer): Omit<SavedServer, 'token'> {
  return known
}

async function givenToken(context: CommandContext, url: string): Promise<SavedServer> {
  const token = serverToken.parse(await readSecret(context, 'Token'))
  if (token === undefined) throw new ConfigError([`the token must be ${serverToken.form}`])
  await tryOut({ url, token }, context)
  return { token }
}

/** Any right will do: a `forbidden` also shows that the server accepts the token. @throws GatewayError otherwise */
async function tryOut(connection: ServerConnection, context: CommandContext): Promise<void> {
  try {
    await remoteRunner(connection, context).run('account.show', {})
  } catch (error) {
    if (!isGatewayError(error) || error.key !== 'forbidden') throw error
  }
}

/** Prints a link and a code on standard error, and waits for an operator. @throws GatewayError when it is denied or expires */
async function askOperator(context: CommandContext, url: string, options: ConnectOptions): Promise<SavedServer> {
  const pause = context.pause ?? ((ms: number) => delay(ms))
  const client = new AdminClient({ baseUrl: url, onWait: waitNotice(url, context) })
  const ask = async <T>(call: Promise<T>): Promise<T> =>
    call.catch((error: unknown) => {
      throw error instanceof AdminError ? toGatewayError(error, url) : error
    })
  const asked = await ask(client.connect('request', wishOf(options)))
  context.errorOutput.write(shownText(invitation(asked)))
  for (let seconds = asked.pollSeconds; ; ) {
    await pause(boundedPause(seconds) * 1_000)
    const outcome = await ask(client.connect('poll', { deviceCode: asked.deviceCode }))
    switch (outcome.state) {
      case 'pending':
      case 'slow-down':
        seconds = outcome.pollSeconds
        break
      case 'granted': {
        const { tokenId, email, expiresAt } = outcome
        const token = serverToken.parse(outcome.token)
        if (token === undefined) throw notUnderstood(url)
        return { token, tokenId, email, expiresAt }
      }
      case 'denied':
        throw new GatewayError('conflict', { message: 'the operator denied it; nothing is saved' })
      case 'expired':
        throw new GatewayError('conflict', { message: 'nobody confirmed the code in time; run the same command for a new one' })
      default:
        throw notUnderstood(url)
    }
  }
}

/** Seconds between two polls: what the server asks for, within what one would. Anything else may be answering in its place. */
function boundedPause(seconds: number): number {
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 1), 60) : 60
}

function notUnderstood(url: string): GatewayError {
  return new GatewayError('store_unavailable', {
    message: `${url} does not answer as Lobbykey does; check the URL and what is in front of it`,
  })
}

function invitation({ verificationUrl, userCode, expiresAt }: { verificationUrl: string; userCode: string; expiresAt: string }): string {
  return `Open ${verificationUrl}
in a browser, sign in, and enter this code:

    ${userCode}

Waiting for the confirmation, until ${expiresAt} …
`
}

function wishOf({ name, role, right, merchant, days, allowConfirmed }: ConnectOptions): ConnectInput<'request'> {
  const [host, user] = [named(hostname()), named(userName())]
  const rights: Right[] | undefined = role === undefined ? right : [...roles[role].rights]
  return {
    host,
    user,
    name: name ?? `${user}@${host}`.slice(0, nameLengthMax),
    days,
    ...(rights === undefined ? {} : { rights }),
    ...(merchant === undefined ? {} : { agentIds: merchant }),
    ...(allowConfirmed === undefined ? {} : { allowConfirmed }),
  }
}

const nameLengthMax = 100

/** As the contract accepts names: visible characters only, and not too long. */
function named(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}._@-]/gu, '').slice(0, nameLengthMax / 2 - 1) || 'unknown'
}

/** False for a token of unknown origin, or where the server cannot be asked. */
async function revoke({ url, token, tokenId }: ServerConnection & SavedServer, context: CommandContext): Promise<boolean> {
  if (tokenId === undefined) return false
  try {
    return (await remoteRunner({ url, token }, context).run('token.revoke', { tokenId })).revoked
  } catch {
    return false
  }
}

function overruled({ env }: CommandContext): string[] {
  const { url, hasStore } = findServer(env)
  if (hasStore) return ['DATABASE_URL is set and takes precedence.']
  return url === null ? [] : ['LOBBYKEY_URL is set and takes precedence.']
}
