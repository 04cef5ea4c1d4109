import { GatewayError, isGatewayError } from '@lobbykey/contract'
import type { Command } from 'commander'
import { ConfigError, findTargetDatabaseUrl, readSettings } from '../config/read-env.ts'
import { settingDefinitions } from '../config/settings.ts'
import { type CopyReport, copyStore } from '../store/copy/copy-store.ts'
import { openStore, type SqlStore } from '../store/open-store.ts'
import { copyApplicationName, findOtherUsers } from '../store/other-users.ts'
import { addVerb, type CommandContext, type CommonOptions, print, tableLines } from './command-context.ts'
import { Progress } from './progress.ts'
import { findMissingFile, reasonOf } from './with-store.ts'

/** `lobbykey store …` */
export function addStoreVerbs(program: Command, context: CommandContext): void {
  const store = program.command('store').summary('the store as a whole').description('The store as a whole.')

  addVerb(store, 'copy', 'Copies a whole store into an empty database, SQLite or PostgreSQL; safe to repeat.')
    .option('--from <url>', 'the store (default: DATABASE_URL)')
    .option('--to <url>', 'the empty database (default: TARGET_DATABASE_URL)')
    .addHelpText(
      'after',
      `
Stop every process that uses the store first. An interrupted copy continues when you run it again. Do not use the target before the copy has
ended and compared every row. MASTER_KEY stays the same.
Arguments are visible to all users of the machine: put a URL with a password into DATABASE_URL, TARGET_DATABASE_URL, or a file named by
DATABASE_URL_FILE or TARGET_DATABASE_URL_FILE.`,
    )
    .action(async (options: CommonOptions & { from?: string; to?: string }) => {
      const urls = readUrls(context, options)
      const users = await reached(() => findOtherUsers(urls.from))
      if (users !== null) throw new GatewayError('conflict', { message: `the source is in use: ${users}; stop every process that uses it` })
      const report = await reached(() => betweenStores(urls, (source, target) => copy(context, options, source, target)))
      const rows = report.tables.reduce((sum, table) => sum + table.rows, 0)
      print(context, options, { ...report, rows }, [
        ...tableLines(
          ['TABLE', 'ROWS', 'SHA-256'],
          report.tables.map((table) => [table.name, String(table.rows), table.sha256.slice(0, 16)]),
          '',
        ),
        `Both stores have the same ${rows} rows. Set DATABASE_URL to the target and start; MASTER_KEY stays the same.`,
      ])
    })
}

interface Urls {
  readonly from: string
  readonly to: string
}

function readUrls({ env }: CommandContext, options: { from?: string; to?: string }): Urls {
  const from = options.from ?? readSettings(env, 'cli').databaseUrl
  const to = options.to ?? findTargetDatabaseUrl(env)
  if (to === null) throw new ConfigError(['name the target: --to URL, or TARGET_DATABASE_URL'])
  for (const [option, url] of [['--from', from] as const, ['--to', to] as const]) {
    const { parse, form } = settingDefinitions.databaseUrl
    if (parse(url) === undefined) throw new ConfigError([`${option} must be ${form}`])
  }
  if (from === to) throw new ConfigError(['--from and --to are the same database'])
  if (findMissingFile(from) !== null) throw new ConfigError(['--from: there is no store at that path'])
  return { from, to }
}

/** Generous, because no caller waits: a slow database is no reason to stop. */
const patience = { poolSize: 2, applicationName: copyApplicationName, connectMsMax: 10_000, holdMsMax: 60_000 }

async function betweenStores<T>({ from, to }: Urls, work: (source: SqlStore, target: SqlStore) => Promise<T>): Promise<T> {
  const source = await openStore({ url: from, ...patience })
  try {
    const target = await openStore({ url: to, ...patience })
    try {
      return await work(source, target)
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

async function copy(context: CommandContext, { json }: CommonOptions, source: SqlStore, target: SqlStore): Promise<CopyReport> {
  let progress = new Progress(context.errorOutput, 0)
  try {
    return await copyStore({
      source,
      target,
      onStart: (steps) => {
        progress = new Progress(context.errorOutput, steps, { printsLines: json !== true })
      },
      onRows: (count) => progress.add(count),
    })
  } finally {
    progress.end()
  }
}

/** Explains an unreachable store to the operator. The driver's message has the host but no password. */
async function reached<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isGatewayError(error) || error.key !== 'store_unavailable') throw error
    const message = `a store cannot be reached (${reasonOf(error.cause)}): check both URLs and that the databases run; then run this again`
    throw new GatewayError('store_unavailable', { message }, error)
  }
}
