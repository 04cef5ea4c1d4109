import cluster from 'node:cluster'
import type { Command } from 'commander'
import type { Logger } from 'pino'
import { ConfigError, type Environment, readSettings } from '../config/read-env.ts'
import { type SettingDefinition, type Settings, settingDefinitions } from '../config/settings.ts'
import { sqliteFileOf } from '../store/database-url.ts'
import { newerMigrations } from '../store/migrate.ts'
import { findDamageBehind, isLargeAndUnclosed } from '../store/sqlite-damage.ts'
import { addVerb, type CommandContext, type CommonOptions, print } from './command-context.ts'
import { checkedServeSettings } from './serve-checks.ts'
import { machineWarnings, merchantWarnings } from './serve-warnings.ts'
import { findSsoTrouble } from './sso-trouble.ts'
import { usingStore } from './with-store.ts'

interface ServeOptions extends CommonOptions {
  checkConfig?: true
  workers?: string
}

// Loaded on demand: other verbs start in half the time without the server.
const loadGateway = () => import('./run-gateway.ts')
const loadWorkers = () => import('./run-workers.ts')

/** `lobbykey serve` */
export function addServeVerb(program: Command, context: CommandContext): void {
  addVerb(program, 'serve', 'Runs the production server, with settings from the environment (docs/configuration.md).')
    .option('--workers <count>', 'number of processes, or auto for one per processor core; overrides WORKERS')
    .option('--check-config', 'check settings and store, print the settings, and exit')
    .addHelpText('after', '\nIf settings or store are unfit for production, it lists every problem and does not start.')
    .action(async ({ workers, ...options }: ServeOptions) => {
      const env = workers === undefined ? context.env : { ...context.env, WORKERS: workers }
      // The primary runs this command again for each worker, after checking everything.
      if (cluster.isWorker) await (await loadWorkers()).runWorker({ ...context, env })
      else await serve({ ...context, env }, options)
    })
}

async function serve(context: CommandContext, options: ServeOptions): Promise<void> {
  const suspect = findSuspect(context.env)
  const settings = await checkedServeSettings(context.env)
  if (options.checkConfig) {
    const shown = showSettings(settings)
    const lines = Object.entries(shown).map(([variable, value]) => `${variable}=${value}`)
    // The provider may be away for a moment, which must not keep a server from starting.
    const ssoTrouble = await findSsoTrouble(settings, context.clock)
    const warnings = [...machineWarnings(), ...(await usingStore(settings, merchantWarnings)), ...(ssoTrouble === null ? [] : [ssoTrouble])]
    const warningLines = warnings.map((warning) => `Warning: ${warning}`)
    print(context, options, { ok: true, settings: shown, warnings }, [...lines, ...warningLines, 'Settings and store are fit to serve.'])
    return
  }
  const { openLogger } = await loadGateway()
  const logger = openLogger(settings, context.output, context.clock)
  for (const warning of machineWarnings()) logger.warn(warning)
  const newer = await usingStore(settings, newerMigrations)
  if (newer.length > 0) logger.warn({ migrations: newer }, 'a newer version has migrated the store: upgrade this node')
  if (suspect === null) return run(context, settings, logger)
  await Promise.race([run(context, settings, logger), endOnDamage(suspect)])
}

/** A large SQLite file that was not closed cleanly. Call it before anything opens the file. */
function findSuspect(env: Environment): string | null {
  try {
    const path = sqliteFileOf(readSettings(env, 'cli').databaseUrl)
    return path !== null && isLargeAndUnclosed(path) ? path : null
  } catch (error) {
    // The settings check reports it, with all other problems.
    if (error instanceof ConfigError) return null
    throw error
  }
}

/** Checks the file while the server runs. @throws ConfigError */
async function endOnDamage(path: string): Promise<never> {
  const damage = await findDamageBehind(path)
  if (damage !== null) throw new ConfigError([damage])
  return new Promise(() => {})
}

async function run(context: CommandContext, settings: Settings, logger: Logger): Promise<void> {
  if (settings.workers > 1) return (await loadWorkers()).runWorkers(context, settings, logger)
  const { runGateway } = await loadGateway()
  const onReady = () => logger.info({ host: settings.host, port: settings.port, publicUrl: settings.publicUrl }, 'serving')
  await usingStore(settings, (store) => runGateway(context, { settings, mode: 'serve', store, logger, onReady }))
}

/** By variable; for secrets, only whether they are set. */
function showSettings(settings: Settings): Record<string, string> {
  return Object.fromEntries(
    (Object.keys(settingDefinitions) as (keyof Settings)[]).map((name) => {
      const { variable, secret } = settingDefinitions[name] as SettingDefinition<unknown>
      const value = showValue(settings[name])
      return [variable, secret && value !== '' ? '(set, not shown)' : value]
    }),
  )
}

function showValue(value: Settings[keyof Settings]): string {
  if (value === null) return ''
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (Array.isArray(value)) return value.map((item) => (typeof item === 'string' ? item : Object.values(item).join('='))).join(',')
  return String(value)
}
