import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sqliteFileOf } from '../store/database-url.ts'
import { findOrMakeMasterKeyFile, readSecretFile } from './secrets.ts'
import {
  computedDefault,
  crossProblems,
  type SettingDefinition,
  type Settings,
  serverToken,
  serverUrl,
  settingDefinitions,
  targetDatabaseUrl,
} from './settings.ts'

type Mode = 'sandbox' | 'serve' | 'cli'

export type Environment = Readonly<Record<string, string | undefined>>

export const commandNames = [
  'databaseUrl',
  'databasePoolSize',
  'databasePreparedStatements',
  'masterKey',
  'tokenKeyBits',
  'keyPublishSeconds',
  'keyRotationDays',
  'argon2MemoryKib',
  'argon2Passes',
  'passwordQueueMax',
  'loginBackoffAfter',
  'loginLockAfter',
  'loginFailuresPerAddressMinute',
  'lobbyPage',
  'ratePerMerchant',
  'adminPort',
  'adminUrl',
] as const satisfies (keyof Settings)[]

/** What the command line needs to work on a store; the master key only for encrypted data. */
export type CommandSettings = Omit<Pick<Settings, (typeof commandNames)[number]>, 'masterKey'> & { readonly masterKey: Uint8Array | null }

/** All problems with the settings, each with its fix. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** The process's environment. Nothing else reads it. */
export function environment(): Environment {
  return process.env
}

/**
 * Reads the settings and reports all problems at once. `sandbox` creates a missing master key in a file beside the SQLite database, and
 * `cli` finds it there; `serve` does neither.
 *
 * @throws ConfigError
 */
export function readSettings(env: Environment, mode: 'sandbox' | 'serve'): Settings
export function readSettings(env: Environment, mode: 'cli'): CommandSettings
export function readSettings(env: Environment, mode: Mode): Settings | CommandSettings {
  const names = mode === 'cli' ? commandNames : (Object.keys(settingDefinitions) as (keyof Settings)[])
  const problems: string[] = []
  const settings: Partial<Record<keyof Settings, unknown>> = {}
  const absent: (keyof Settings)[] = []
  for (const name of names) {
    const result = readOne(env, settingDefinitions[name], mode)
    if (result === null) absent.push(name)
    else if (result.problem === undefined) settings[name] = result.value
    else problems.push(result.problem)
  }
  // Second, because these defaults may depend on other settings.
  for (const name of absent) {
    const { variable, requiredInServe, secret, form } = settingDefinitions[name]
    if (requiredInServe && mode === 'serve') {
      problems.push(`${variable}${secret ? ` or ${variable}_FILE` : ''} is required: set it to ${form}`)
    } else if (name === 'masterKey') {
      settings.masterKey = storedMasterKey(settings.databaseUrl as string | undefined, mode, problems)
    } else {
      settings[name] = computedDefault(name, settings as Partial<Settings>)
    }
  }
  problems.push(...crossProblems(settings as Partial<Settings>))
  if (problems.length > 0) throw new ConfigError(problems)
  return settings as unknown as Settings
}

/** The server's public URL, for commands that print links; null if unset. @throws ConfigError */
export function findPublicUrl(env: Environment): string | null {
  return findOne(env, settingDefinitions.publicUrl)
}

/** The target database of a store copy; null if unset. @throws ConfigError */
export function findTargetDatabaseUrl(env: Environment): string | null {
  return findOne(env, targetDatabaseUrl)
}

/** The remote server and token in the environment, and whether it also names a store. @throws ConfigError */
export function findServer(env: Environment): { readonly url: string | null; readonly token: string | null; readonly hasStore: boolean } {
  const { variable } = settingDefinitions.databaseUrl
  const hasStore = Boolean(env[variable]?.trim() || env[`${variable}_FILE`])
  return { url: findOne(env, serverUrl), token: findOne(env, serverToken), hasStore }
}

/** The user's configuration folder (XDG Base Directory; on Windows `%APPDATA%`); null if there is none. */
export function findConfigurationFolder(env: Environment, platform: NodeJS.Platform = process.platform): string | null {
  if (env.XDG_CONFIG_HOME?.startsWith('/')) return env.XDG_CONFIG_HOME
  if (platform === 'win32' && env.APPDATA) return env.APPDATA
  const home = env.HOME ?? env.USERPROFILE
  return home === undefined || home === '' ? null : join(home, '.config')
}

/** A variable that a declaration names as the source of a secret; null if unset. */
export function readVariable(env: Environment, name: string): string | null {
  return env[name]?.trim() || null
}

function findOne(env: Environment, definition: SettingDefinition<string>): string | null {
  const result = readOne(env, definition, 'cli')
  if (result?.problem !== undefined) throw new ConfigError([result.problem])
  return result === null ? null : (result.value as string)
}

/** Null if neither the variable nor a default is set. */
function readOne(env: Environment, definition: SettingDefinition<unknown>, mode: Mode): { value: unknown; problem?: string } | null {
  const { variable, secret, form, sandboxDefault } = definition
  // Compose files and shells leave a variable out by setting it to empty.
  let text = env[variable]?.trim() || undefined
  const path = secret ? env[`${variable}_FILE`] || undefined : undefined
  if (path !== undefined && text !== undefined) {
    return { value: undefined, problem: `${variable} and ${variable}_FILE are both set; keep one` }
  }
  if (path !== undefined) {
    try {
      text = readSecretFile(path)
    } catch (error) {
      const problem = `${variable}_FILE cannot be read (${(error as Error).message}); check the path and its permissions`
      return { value: undefined, problem }
    }
  }
  text ??= (mode === 'sandbox' ? sandboxDefault : undefined) ?? definition.default ?? undefined
  if (text === undefined) return null
  const value = definition.parse(text)
  return value === undefined ? { value, problem: `${variable} must be ${form}` } : { value }
}

function storedMasterKey(databaseUrl: string | undefined, mode: Mode, problems: string[]): Uint8Array | null {
  if (databaseUrl === undefined) return null
  const path = join(dataFolder(databaseUrl), 'master.key')
  if (mode === 'cli' && !existsSync(path)) return null
  try {
    const text = mode === 'sandbox' ? findOrMakeMasterKeyFile(path) : readSecretFile(path)
    const key = settingDefinitions.masterKey.parse(text)
    if (key !== undefined) return key
    problems.push(`MASTER_KEY: ${path} must hold ${settingDefinitions.masterKey.form}; restore it from a backup`)
  } catch (error) {
    problems.push(`MASTER_KEY: ${path} cannot be read or created (${(error as Error).message}); check the folder's permissions`)
  }
  return null
}

/** The folder of the SQLite file, or ./data. */
function dataFolder(databaseUrl: string): string {
  const path = sqliteFileOf(databaseUrl)
  return path === null ? 'data' : dirname(path)
}
