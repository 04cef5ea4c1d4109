import { existsSync } from 'node:fs'
import { isGatewayError } from '@lobbykey/contract'
import { type Command, InvalidArgumentError } from 'commander'
import { ConfigError, readSettings } from '../config/read-env.ts'
import type { Settings } from '../config/settings.ts'
import { isLoopbackHost } from '../core/base/loopback-host.ts'
import { claimMasterKey } from '../core/base/master-key-check.ts'
import { SandboxLink } from '../core/operators/sandbox-link.ts'
import type { Gateway } from '../gateway.ts'
import { sandboxBanner, sandboxGuide } from '../sandbox/guide.ts'
import { noteRunningSettings } from '../sandbox/running-settings.ts'
import { sampleCommands } from '../sandbox/sample-commands.ts'
import { sandboxMark, seedSandbox } from '../sandbox/seed.ts'
import { seedFixtures } from '../sandbox/seed-fixtures.ts'
import { sqliteFileOf } from '../store/database-url.ts'
import { migrate } from '../store/migrate.ts'
import type { SqlStore } from '../store/open-store.ts'
import { removeSqlite } from '../store/remove-sqlite.ts'
import { addVerb, type CommandContext, type CommonOptions, print } from './command-context.ts'
import { usingStore } from './with-store.ts'

interface SandboxOptions extends CommonOptions {
  allowAnyHost?: true
  printCurl?: true
  reset?: true
  /** Seconds. */
  clockOffset: number
}

/** `lobbykey sandbox` */
export function addSandboxVerb(program: Command, context: CommandContext): void {
  addVerb(program, 'sandbox', 'Runs the sandbox with sample partners, in ./data.')
    .option('--allow-any-host', 'allow HOST other than loopback, although the sample secrets are public')
    .option('--print-curl', 'print a fresh, signed curl command for each login, and exit')
    .option('--reset', "delete the sandbox's SQLite store first")
    .option('--clock-offset <seconds>', "run the server's clock ahead, or behind with -600, to simulate a wrong clock", parseOffset, 0)
    .addHelpText(
      'after',
      '\nPORT and ADMIN_PORT in the environment choose other ports than 8080 and 8081 (docs/configuration.md).\nThe request header X-Sandbox-Fault simulates failures; see docs/sandbox.md.',
    )
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

async function runSandbox(world: CommandContext, settings: Settings, options: SandboxOptions): Promise<void> {
  const context = { ...world, clock: { now: () => world.clock.now() + options.clockOffset * 1_000 } }
  if (!isLoopbackHost(settings.host) && !options.allowAnyHost) {
    throw new ConfigError([
      `HOST: ${settings.host} is not loopback, and the sandbox's secrets are public; set HOST=127.0.0.1, or add --allow-any-host where only people you trust can reach it`,
    ])
  }
  if (options.reset) await resetStore(settings)
  // Loaded on demand: other verbs start in half the time without the server.
  const { openLogger, runGateway } = await import('./run-gateway.ts')
  const logger = openLogger(settings, context.errorOutput, context.clock)
  const guide = sandboxGuide(settings.publicUrl, context.clock)
  const sandboxLink = new SandboxLink()
  await usingStore(settings, async (store) => {
    await prepareStore(context, settings, store)
    const onReady = async ({ adminApp, adminSite }: Gateway) => {
      await noteRunningSettings(store.meta, settings, adminSite.url)
      const consoleUrl = adminApp === null ? null : sandboxLink.url(adminSite.url)
      print(context, options, { url: settings.publicUrl, consoleUrl, commands: guide.commands() }, [
        sandboxBanner(guide, settings.publicUrl, consoleUrl),
      ])
    }
    await runGateway(context, { settings, mode: 'sandbox', store, logger, onReady, sandboxLink })
  })
}

async function prepareStore({ clock }: CommandContext, settings: Settings, store: SqlStore): Promise<void> {
  await migrate(store)
  if ((await store.meta.find(sandboxMark)) === null && (await isInUse(store))) {
    throw new ConfigError([
      'DATABASE_URL: this store has partners and was not made by the sandbox, which would add public secrets to it; use another store',
    ])
  }
  const sealer = await claimMasterKey(store.meta, settings.masterKey)
  await seedSandbox({ store, sealer, clock, settings })
  await seedFixtures({ store, sealer, clock, settings })
}

async function isInUse(store: SqlStore): Promise<boolean> {
  return (await store.merchants.load()).length > 0 || (await store.sellers.list({ limit: 1 })).length > 0
}

/** Deletes the sandbox's store, never another. @throws ConfigError */
async function resetStore(settings: Settings): Promise<void> {
  const path = sqliteFileOf(settings.databaseUrl)
  if (path === null) throw new ConfigError(['--reset only deletes a SQLite file; drop and create the database yourself'])
  if (!existsSync(path)) return
  if (!(await usingStore(settings, isMarked))) {
    throw new ConfigError([`DATABASE_URL: ${path} was not made by the sandbox, so --reset leaves it alone`])
  }
  if (!removeSqlite(path)) throw new ConfigError([`DATABASE_URL: ${path} is in use; stop the sandbox that runs on it first`])
}

/** Whether the sandbox made this store. */
async function isMarked(store: SqlStore): Promise<boolean> {
  try {
    return (await store.meta.find(sandboxMark)) !== null
  } catch (error) {
    if (isGatewayError(error)) throw error
    return false
  }
}

function parseOffset(text: string): number {
  if (!/^[+-]?\d{1,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of seconds, such as 660 or -660.')
  return Number(text)
}
