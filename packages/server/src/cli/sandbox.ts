import type { Command } from 'commander'
import { ConfigError, readSettings } from '../config/read-env.ts'
import type { Settings } from '../config/settings.ts'
import { isLoopbackHost } from '../core/loopback-host.ts'
import { claimMasterKey } from '../core/master-key-check.ts'
import { sandboxBanner, sandboxGuide } from '../sandbox/guide.ts'
import { sampleCommands } from '../sandbox/sample-commands.ts'
import { sandboxMark, seedSandbox } from '../sandbox/seed.ts'
import { migrate } from '../store/migrate.ts'
import type { SqlStore } from '../store/open-store.ts'
import { addVerb, type CommandContext, type CommonOptions, print } from './command-context.ts'
import { openLogger, runGateway } from './run-gateway.ts'
import { usingStore } from './with-store.ts'

interface SandboxOptions extends CommonOptions {
  allowAnyHost?: true
  printCurl?: true
}

/** `lobbykey sandbox` */
export function addSandboxVerb(program: Command, context: CommandContext): void {
  addVerb(program, 'sandbox', 'Serves with sample partners, to try things out; makes its store in ./data on first use.')
    .option('--allow-any-host', 'let HOST be other than loopback, although the sample secrets are public')
    .option('--print-curl', 'print a fresh, correctly signed curl for each login, and end')
    .action(async (options: SandboxOptions) => {
      const settings = readSettings(context.env, 'sandbox')
      if (options.printCurl) {
        const commands = sampleCommands(settings.publicUrl, context.clock.now())
        print(
          context,
          options,
          { commands },
          commands.map(({ title, command }) => `# ${title}\n${command}\n`),
        )
      } else {
        await runSandbox(context, settings, options)
      }
    })
}

async function runSandbox(context: CommandContext, settings: Settings, options: SandboxOptions): Promise<void> {
  if (!isLoopbackHost(settings.host) && !options.allowAnyHost) {
    throw new ConfigError([
      `HOST: ${settings.host} is not loopback, and the sandbox's secrets are public; set HOST=127.0.0.1, or add --allow-any-host where only people you trust can reach it`,
    ])
  }
  const logger = openLogger(settings, context.errorOutput)
  const guide = sandboxGuide(settings.publicUrl, context.clock)
  const onReady = () =>
    print(context, options, { url: settings.publicUrl, commands: guide.commands() }, [sandboxBanner(guide, settings.publicUrl)])
  await usingStore(settings, async (store) => {
    await prepareStore(context, settings, store)
    await runGateway(context, { settings, mode: 'sandbox', store, logger, onReady })
  })
}

async function prepareStore({ clock }: CommandContext, settings: Settings, store: SqlStore): Promise<void> {
  await migrate(store)
  if ((await store.meta.find(sandboxMark)) === null && (await isInUse(store))) {
    throw new ConfigError([
      'DATABASE_URL: this store has partners and was not made by the sandbox, which would add public secrets to it; use another',
    ])
  }
  const sealer = await claimMasterKey(store.meta, settings.masterKey)
  await seedSandbox({ store, sealer, clock, settings })
}

async function isInUse(store: SqlStore): Promise<boolean> {
  return (await store.merchants.load()).length > 0 || (await store.sellers.list({ limit: 1 })).length > 0
}
