import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { GatewayError, isGatewayError } from '@lobbykey/contract'
import { type CommandSettings, ConfigError, readSettings } from '../config/read-env.ts'
import type { Settings } from '../config/settings.ts'
import { findRunningSettings } from '../sandbox/running-settings.ts'
import { sqliteFileOf } from '../store/database-url.ts'
import { pendingMigrations } from '../store/migrate.ts'
import { migrations } from '../store/migrations/index.ts'
import { openStore, type SqlStore } from '../store/open-store.ts'
import { type DamageCheck, findDamage } from '../store/sqlite-damage.ts'
import type { CommandContext } from './command-context.ts'

/** Runs a verb on the configured store, with the sandbox's settings if a sandbox made it, and closes it. @throws ConfigError if it does not exist or is not migrated */
export async function withStore(
  context: CommandContext,
  run: (store: SqlStore, settings: CommandSettings) => Promise<void>,
): Promise<void> {
  const settings = readSettings(context.env, 'cli')
  const missing = findMissingFile(settings.databaseUrl)
  if (missing !== null) throw new ConfigError([missing])
  await usingStore(settings, async (store) => {
    const pending = await pendingMigrations(store)
    if (pending.length > 0) throw new ConfigError([notMigrated(pending)])
    await run(store, { ...settings, ...(await findRunningSettings(store.meta)) })
  })
}

const closeMsMax = 500

/** What opening a store needs of the settings. */
export type StoreSettings = Pick<Settings, 'databaseUrl' | 'databasePoolSize' | 'databasePreparedStatements'>

/**
 * Opens the store, whatever its schema, runs, and closes it. Explains an unreachable store to the operator.
 * @param check which SQLite files to check first if they were not closed cleanly
 * @throws ConfigError if the file is damaged
 */
export async function usingStore<T>(
  settings: StoreSettings,
  run: (store: SqlStore) => Promise<T>,
  check: DamageCheck = 'small',
): Promise<T> {
  const path = sqliteFileOf(settings.databaseUrl)
  const damage = path === null ? null : findDamage(path, check)
  if (damage !== null) throw new ConfigError([damage])
  try {
    const { databaseUrl: url, databasePoolSize: poolSize, databasePreparedStatements: preparedStatements } = settings
    const store = await openStore({ url, poolSize, preparedStatements })
    try {
      return await run(store)
    } finally {
      // Commits are durable; do not wait for a database that hangs.
      await Promise.race([store.close(), wait(closeMsMax, undefined, { ref: false })])
    }
  } catch (error) {
    if (!isGatewayError(error) || error.key !== 'store_unavailable') throw error
    const advice = 'check DATABASE_URL, that the database runs, and that its disk has room'
    const message = `the store cannot be used (${reasonOf(error.cause)}): ${advice}`
    throw new GatewayError('store_unavailable', { message }, error)
  }
}

/** Reports a missing SQLite file, which opening would create; otherwise null. */
export function findMissingFile(databaseUrl: string): string | null {
  const path = sqliteFileOf(databaseUrl)
  if (path === null || existsSync(path)) return null
  return `DATABASE_URL: there is no store at ${path}; run \`lobbykey migrate\` to create it, or \`lobbykey sandbox\` to try it out`
}

export function notMigrated(pending: readonly string[]): string {
  const state =
    pending.length === migrations.length
      ? 'the database has no tables yet'
      : `the store's tables are older than this version (${pending.join(', ')})`
  return `${state}: run \`lobbykey migrate\``
}

/** The master key, for encrypted data. @throws ConfigError */
export function requireMasterKey({ masterKey }: CommandSettings): Uint8Array {
  if (masterKey === null) throw new ConfigError(['MASTER_KEY or MASTER_KEY_FILE is required here: set it to the key of the server'])
  return masterKey
}

/** A driver's error in a few words: some have only a code. */
export function reasonOf(cause: unknown): string {
  const { message, code } = (cause ?? {}) as { message?: string; code?: string }
  return message || code || 'no reason given'
}
