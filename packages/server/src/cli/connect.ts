import { isGatewayError } from '@lobbykey/contract'
import type { Command } from 'commander'
import { ConfigError, findServer } from '../config/read-env.ts'
import { serverToken, serverUrl } from '../config/settings.ts'
import { addVerb, type CommandContext, type CommonOptions, print } from './command-context.ts'
import { remoteRunner } from './operate.ts'
import { readSecret } from './read-input.ts'
import { forgetConnection, type ServerConnection, saveConnection } from './server-connection.ts'

/** `lobbykey connect` and `lobbykey disconnect` */
export function addConnectVerbs(program: Command, context: CommandContext): void {
  addVerb(program, 'connect', 'Saves a server and its API token; later commands run there.')
    .argument('<url>', "the URL of the server's admin API, such as https://admin.example.com")
    .addHelpText(
      'after',
      `
The token comes from standard input or a prompt. It is checked and saved in your configuration folder, readable by you only. Commands use it if
neither DATABASE_URL nor LOBBYKEY_URL is set.
Example: lobbykey connect https://admin.example.com < token.txt`,
    )
    .action(async (text: string, options: CommonOptions) => {
      const url = serverUrl.parse(text)
      if (url === undefined) throw new ConfigError([`the URL must be ${serverUrl.form}`])
      const token = serverToken.parse(await readSecret(context, 'Token'))
      if (token === undefined) throw new ConfigError([`the token must be ${serverToken.form}`])
      const connection = { url, token }
      await tryOut(connection, context)
      const path = saveConnection(context.env, connection)
      const lines = [`Commands now run on ${url}, until \`lobbykey disconnect\`.`, `Saved in ${path}.`]
      print(context, options, { url, path }, [...lines, ...overruled(context)])
    })

  addVerb(program, 'disconnect', 'Deletes the connection saved by `lobbykey connect`. The token stays valid: revoke it on the server.')
    .addHelpText('after', '\nExample: lobbykey disconnect')
    .action((options: CommonOptions) => {
      const url = forgetConnection(context.env)
      print(context, options, { url }, [url === null ? 'There was no connection.' : `The connection to ${url} is deleted.`])
    })
}

/** Any right will do: a `forbidden` also shows that the server accepts the token. @throws GatewayError otherwise */
async function tryOut(connection: ServerConnection, context: CommandContext): Promise<void> {
  try {
    await remoteRunner(connection, context).run('account.show', {})
  } catch (error) {
    if (!isGatewayError(error) || error.key !== 'forbidden') throw error
  }
}

function overruled({ env }: CommandContext): string[] {
  const { url, hasStore } = findServer(env)
  if (hasStore) return ['DATABASE_URL is set and takes precedence.']
  return url === null ? [] : ['LOBBYKEY_URL is set and takes precedence.']
}
