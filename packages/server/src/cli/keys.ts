import type { AdminOutput } from '@lobbykey/contract/admin'
import type { Command } from 'commander'
import { claimMasterKey } from '../core/base/master-key-check.ts'
import { KeyRotation } from '../core/tokens/key-rotation.ts'
import { signingKeyView } from '../operations/signing-keys.ts'
import { addVerb, type CommandContext, type CommonOptions, print, sharedClockOf, tableLines } from './command-context.ts'
import { confirm } from './confirm.ts'
import { localCaller } from './local-caller.ts'
import { allItems, withOperations } from './operate.ts'
import { requireMasterKey, withStore } from './with-store.ts'

type SigningKey = AdminOutput<'keys.rotate'>

/** `lobbykey keys …` */
export function addKeysVerbs(program: Command, context: CommandContext): void {
  const keys = program
    .command('keys')
    .summary('keys that sign seller tokens')
    .description('The keys that sign seller tokens (docs/verification.md).')

  addVerb(keys, 'list', 'Lists the keys in the order in which they sign, with their states and when each may be retired.')
    .addHelpText('after', '\nExample: lobbykey keys list')
    .action((options: CommonOptions) =>
      withOperations(context, async ({ run }) => {
        const found = await allItems((cursor) => run('keys.list', { limit: 200, ...(cursor === undefined ? {} : { cursor }) }))
        const rows = found.map((key) => [key.kid, key.state, key.activeAt, key.tokensEndAt ?? '-', key.retiredAt ?? '-'])
        const heading = ['KEY', 'STATE', 'SIGNS FROM', 'ITS TOKENS END', 'RETIRED']
        const none = 'There is no key yet; the server creates one when it first starts.'
        print(context, options, { keys: found }, tableLines(heading, rows, none))
      }),
    )

  addVerb(keys, 'rotate', 'Publishes a new key, which signs once verifiers have had time to fetch it (KEY_PUBLISH_SECONDS).')
    .option('--now', 'sign with it within seconds; verifiers that cache keys refuse its tokens until they fetch again')
    .addHelpText('after', '\nThe server retires the old key when the last token that it signed has expired.\nExample: lobbykey keys rotate')
    .action((options: CommonOptions & { now?: true }) =>
      withOperations(context, async ({ run }) => {
        const key = await run('keys.rotate', { now: options.now === true })
        print(context, options, key, [`Key ${key.kid} is published and signs from ${key.activeAt}.`])
      }),
    )

  addVerb(keys, 'retire', 'Retires a key that no longer signs, within a second.')
    .argument('<key>', 'the key, from `lobbykey keys list`')
    .option('--force', 'even if tokens that it signed are still valid; they end')
    .addHelpText('after', '\nExample: lobbykey keys retire 6HVO3mUzJmWw')
    .action((kid: string, options: CommonOptions & { force?: true }) =>
      withOperations(context, async ({ run }) => {
        print(context, options, await run('keys.retire', { kid, force: options.force === true }), [`Key ${kid} is retired.`])
      }),
    )

  addVerb(keys, 'reset', 'Ends every seller token at once: a new key signs, all others are retired. Sellers must log in again.')
    .option('--yes', 'skip the confirmation')
    .addHelpText(
      'after',
      '\nUse it after a key was stolen, or after restoring a backup, which revives ended sessions. Beside the store only.\nExample: lobbykey keys reset --yes',
    )
    .action(async (options: CommonOptions & { yes?: true }) => {
      await confirm(context, options, 'Every seller must log in again.')
      const key = await reset(context)
      print(context, options, key, [`Key ${key.kid} signs now; every other key is retired, and every seller token has ended.`])
    })
}

async function reset(context: CommandContext): Promise<SigningKey> {
  const made = Promise.withResolvers<SigningKey>()
  await withStore(context, async (store, settings) => {
    const rotation = new KeyRotation({
      store: store.signingKeys,
      sealer: await claimMasterKey(store.meta, requireMasterKey(settings)),
      shared: sharedClockOf(context, store),
      origin: localCaller().origin,
      bits: settings.tokenKeyBits,
      publishMs: settings.keyPublishSeconds * 1_000,
    })
    made.resolve(signingKeyView(await rotation.reset()))
  })
  return made.promise
}
