import type { Command } from 'commander'
import { claimMasterKey } from '../core/base/master-key-check.ts'
import { KeyRotation, type SigningKeyView } from '../core/tokens/key-rotation.ts'
import {
  addVerb,
  type CommandContext,
  type CommonOptions,
  print,
  sharedClockOf,
  tableLines,
  timeText,
  timeValue,
} from './command-context.ts'
import { requireMasterKey, withStore } from './with-store.ts'

/** `lobbykey keys …` */
export function addKeysVerbs(program: Command, context: CommandContext): void {
  const keys = program
    .command('keys')
    .summary('keys that sign seller tokens')
    .description('The keys that sign seller tokens (docs/verification.md).')

  addVerb(keys, 'list', 'Lists the keys in the order in which they sign: which does now, which will, which may be retired when.').action(
    (options: CommonOptions) =>
      withRotation(context, async (rotation) => {
        const found = await rotation.list()
        const rows = found.map((key) => [key.kid, key.state, timeText(key.activeAt), timeText(key.doneAt), timeText(key.retiredAt)])
        const heading = ['KEY', 'STATE', 'SIGNS FROM', 'ITS TOKENS END', 'RETIRED']
        const none = 'There is no key yet; the first start of the server makes one.'
        print(context, options, { keys: found.map(describe) }, tableLines(heading, rows, none))
      }),
  )

  addVerb(keys, 'rotate', 'Publishes a new key, which signs when verifiers have had time to fetch it (KEY_PUBLISH_SECONDS).')
    .option('--now', 'sign with it within seconds; verifiers that cache keys refuse its tokens until they fetch again')
    .addHelpText('after', '\nThe key before it is retired by the server when the last token that it signed has expired.')
    .action((options: CommonOptions & { now?: true }) =>
      withRotation(context, async (rotation) => {
        const key = await rotation.rotate(options.now === true)
        print(context, options, describe(key), [`Key ${key.kid} is published and signs from ${timeText(key.activeAt)}.`])
      }),
    )

  addVerb(keys, 'retire', 'Ends the use of a key that no longer signs, within a second.')
    .argument('<key>', 'the key, as `lobbykey keys list` names it')
    .option('--force', 'although tokens that it signed are still alive: they end')
    .action((kid: string, options: CommonOptions & { force?: true }) =>
      withRotation(context, async (rotation) => {
        await rotation.retire(kid, options.force === true)
        print(context, options, { kid, state: 'retired' }, [`Key ${kid} is retired.`])
      }),
    )

  addVerb(keys, 'reset', 'Ends every seller token at once: a new key signs, all others are retired. Sellers have to log in again.')
    .addHelpText('after', '\nFor a stolen key, and after a backup is restored, which brings ended sessions back to life.')
    .action((options: CommonOptions) =>
      withRotation(context, async (rotation) => {
        const key = await rotation.reset()
        print(context, options, describe(key), [`Key ${key.kid} signs; every other key is retired, and every seller token has ended.`])
      }),
    )
}

async function withRotation(context: CommandContext, run: (rotation: KeyRotation) => Promise<void>): Promise<void> {
  await withStore(context, async (store, settings) => {
    const { tokenKeyBits: bits, keyPublishSeconds } = settings
    const sealer = await claimMasterKey(store.meta, requireMasterKey(settings))
    const shared = sharedClockOf(context, store)
    await run(
      new KeyRotation({ store: store.signingKeys, sealer, shared, origin: { surface: 'cli' }, bits, publishMs: keyPublishSeconds * 1_000 }),
    )
  })
}

function describe(key: SigningKeyView) {
  return {
    kid: key.kid,
    state: key.state,
    createdAt: timeValue(key.createdAt),
    activeAt: timeValue(key.activeAt),
    tokensEndAt: timeValue(key.doneAt),
    retiredAt: timeValue(key.retiredAt),
  }
}
