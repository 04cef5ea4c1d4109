import { existsSync } from 'node:fs'
import { GatewayError } from '@lobbykey/contract'
import type { Command } from 'commander'
import { ConfigError, readSettings } from '../config/read-env.ts'
import { findMasterKeyProblem, MasterKeyError } from '../core/base/master-key-check.ts'
import { Sealer } from '../core/base/sealer.ts'
import { restoredMark } from '../core/members/replay-floor.ts'
import { KeyRotation } from '../core/tokens/key-rotation.ts'
import { sqliteFileOf } from '../store/database-url.ts'
import { appliedMigrations, migrate } from '../store/migrate.ts'
import { openStore } from '../store/open-store.ts'
import { checkIntegrity } from '../store/sqlite-damage.ts'
import { NoRestoreError, restoreSqlite } from '../store/sqlite-restore.ts'
import { addVerb, type CommandContext, type CommonOptions, print, sharedClockOf } from './command-context.ts'
import { localCaller } from './local-caller.ts'
import { requireMasterKey } from './with-store.ts'

/** `lobbykey restore` */
export function addRestoreVerb(program: Command, context: CommandContext): void {
  addVerb(
    program,
    'restore',
    'Replaces the store with a backup and keeps the old store under another name. No process may have the store open.',
  )
    .argument('<file>', 'a backup from `lobbykey backup`')
    .addHelpText(
      'after',
      `
Needs the MASTER_KEY of the backup. The restored store is migrated to this version, every seller token ends, and earlier signed requests are
refused. Changes since the backup must be repeated: see docs/operations.md, "Restore".
On PostgreSQL, restore the dump into a new, empty database with its own tools: see there.
Example: lobbykey restore /var/backups/lobbykey-2026-11-28.db`,
    )
    .action(async (file: string, options: CommonOptions) => {
      const settings = readSettings(context.env, 'cli')
      const masterKey = requireMasterKey(settings)
      const path = sqliteFileOf(settings.databaseUrl)
      if (path === null) {
        const line = `pg_restore --single-transaction --no-owner --dbname="$DATABASE_URL" ${file}`
        const message = `use PostgreSQL's own tools, into a new, empty database: ${line}; then go on as in docs/operations.md, "Restore"`
        throw new GatewayError('conflict', { message })
      }
      verifyBackup(file)
      const now = context.clock.now()
      const label = `before-${new Date(now).toISOString().replaceAll(/[:.]/g, '')}`
      const before = await restoreSqlite({ path, file, label, prepare: (copy) => beginNewEpoch(context, copy, masterKey) }).catch(
        (error: unknown) => {
          if (!(error instanceof NoRestoreError)) throw error
          throw new GatewayError('conflict', { message: error.message }, error)
        },
      )
      print(context, options, { path, before }, [
        `${path} now has the contents of ${file}.`,
        ...(before === null ? [] : [`The old store is ${before}.`]),
        'Every seller token has ended, and earlier signed requests are refused.',
        'Next: `lobbykey member kick --all --yes`; repeat what was locked, disabled and erased since the backup (docs/operations.md, "Restore"); then start.',
      ])
    })
}

/** @throws ConfigError, GatewayError conflict */
function verifyBackup(file: string): void {
  if (!existsSync(file)) throw new ConfigError([`there is no backup at ${file}`])
  const damage = checkIntegrity(file)
  if (damage !== null)
    throw new GatewayError('conflict', { message: `${file} is not an intact SQLite file (${damage}): use another backup` })
}

/** Invalidates what the old store issued or accepted: tokens, feed positions, signed requests. */
async function beginNewEpoch(context: CommandContext, path: string, masterKey: Uint8Array): Promise<void> {
  const store = await openStore({ url: `sqlite:${path}` })
  try {
    if ((await appliedMigrations(store)).length === 0) throw new ConfigError(['the backup is not a Lobbykey store'])
    await migrate(store)
    const problem = await findMasterKeyProblem(store.meta, masterKey)
    if (problem !== null) throw new MasterKeyError(problem)
    const now = context.clock.now()
    await store.changes.resumeAfter(await store.changes.latestSeq(), { at: now, detail: restoredMark(now) })
    const { origin } = localCaller()
    await store.events.append([{ ...origin, at: now, kind: 'store.restored' }])
    const { tokenKeyBits: bits, keyPublishSeconds } = readSettings(context.env, 'cli')
    const rotation = new KeyRotation({
      store: store.signingKeys,
      sealer: new Sealer(masterKey),
      shared: sharedClockOf(context, store),
      origin,
      bits,
      publishMs: keyPublishSeconds * 1_000,
    })
    if ((await rotation.list()).length > 0) await rotation.reset()
  } finally {
    await store.close()
  }
}
