import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { GatewayError } from '@lobbykey/contract'
import type { Command } from 'commander'
import { ConfigError, readSettings } from '../config/read-env.ts'
import { sqliteFileOf } from '../store/database-url.ts'
import { pendingMigrations } from '../store/migrate.ts'
import { backupSqlite } from '../store/sqlite-backup.ts'
import { addVerb, type CommandContext, type CommonOptions, print } from './command-context.ts'
import { findMissingFile, usingStore } from './with-store.ts'

/** `lobbykey backup` */
export function addBackupVerb(program: Command, context: CommandContext): void {
  addVerb(
    program,
    'backup',
    'Copies the store into one file while the server runs, and checks the copy. It does not contain the master key.',
  )
    .argument('<file>', 'the new file; on PostgreSQL a dump by pg_dump, to check')
    .addHelpText(
      'after',
      `
On PostgreSQL, dump the store with pg_dump and check the dump with this command:
  pg_dump --format=custom --file=lobbykey.dump "$DATABASE_URL" && lobbykey backup lobbykey.dump
Example: lobbykey backup /var/backups/lobbykey-$(date +%F).db`,
    )
    .action(async (file: string, options: CommonOptions) => {
      const { databaseUrl } = readSettings(context.env, 'cli')
      const path = sqliteFileOf(databaseUrl)
      if (path === null) return checkDump(context, options, file)
      const missing = findMissingFile(databaseUrl)
      if (missing !== null) throw new ConfigError([missing])
      if (existsSync(file)) throw new GatewayError('already_exists', { message: `${file} already exists: name a new file` })
      const report = await backupSqlite(path, file).catch((error: Error) => {
        throw new GatewayError('conflict', { message: `there is no backup at ${file} (${error.message})` }, error)
      })
      print(context, options, report, [`${report.file} contains the store, ${report.bytes} bytes, and was checked.`, masterKeyAdvice])
    })
}

const masterKeyAdvice = 'Keep MASTER_KEY elsewhere: the backup is useless without it, and with it, it reveals every key.'

/** Of the list of a dump's contents. */
const listBytesMax = 64 * 2 ** 20

/** Tables that every dump of a store has. */
const neededTables = ['schema_migrations', 'meta', 'merchants', 'members', 'member_sessions', 'sellers', 'signing_keys']

async function checkDump(context: CommandContext, options: CommonOptions, file: string): Promise<void> {
  if (!existsSync(file)) {
    const message = `dump the database first: pg_dump --format=custom --file=${file} "$DATABASE_URL", then run this again to check it`
    throw new GatewayError('conflict', { message })
  }
  // Better to learn now than at the restore that the store is of another version.
  const pending = await usingStore(readSettings(context.env, 'cli'), pendingMigrations)
  const tables = await readDump(file)
  const lacking = neededTables.filter((name) => !tables.has(name))
  if (lacking.length > 0)
    throw new GatewayError('conflict', { message: `${file} is not a dump of a store: it lacks ${lacking.join(', ')}` })
  print(context, options, { file, tables: tables.size, pending }, [
    `${file} can be restored: it was read to its end and has ${tables.size} tables.`,
    masterKeyAdvice,
  ])
}

/** The tables with rows of a dump, which is read to its end, to detect a truncated one. @throws GatewayError conflict */
async function readDump(file: string): Promise<Set<string>> {
  try {
    // The rows may be more than fits into memory, and may say anything.
    await runRestore('--file=/dev/null', '--section=data', '--', file)
    const { stdout } = await runRestore('--list', '--', file)
    return new Set([...stdout.matchAll(/^\d+; \d+ \d+ TABLE DATA \S+ (\S+) /gm)].map(([, name = '']) => name))
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    const reason = code === 'ENOENT' ? 'pg_restore is not in PATH' : message.trim().split('\n').at(-1)
    throw new GatewayError('conflict', { message: `${file} could not be read as a dump (${reason})` })
  }
}

function runRestore(...words: readonly string[]): Promise<{ stdout: string }> {
  return promisify(execFile)('pg_restore', words, { maxBuffer: listBytesMax })
}
