import { existsSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { goodRound } from '../lib/compare.ts'
import { load } from '../lib/load.ts'
import { countPages, explainLogins, type PageCounts, pagesPerLogin } from '../lib/postgres-profile.ts'
import { memberLogins } from '../lib/requests.ts'
import type { Row, RowContext } from '../lib/row.ts'
import { startGateway } from '../lib/servers.ts'
import { copyPostgres, memberIdSql, membersUsual, merchant, postgresUrl, query, select } from '../lib/stores.ts'
import { resultsFolder } from '../lib/workspace.ts'
import { compareLogins, connections } from './member-login.ts'

const sessionsAMember = 5
const pieceRows = 500_000
/** A member with its sessions, their indexes, and the log of writing and indexing them. */
const memberBytes = 4_000
const leftGibMin = 10
const warmPieceSeconds = 5

export const largeStore: Row = {
  name: 'large-store',
  title: 'member login in a large store, PostgreSQL',
  obstacle: () => (postgresUrl === null ? 'BENCH_DATABASE_URL or TEST_DATABASE_URL is not set' : null),
  async run(context) {
    const { largeRows, say } = context
    await assertRoom(largeRows)
    const stores = { 'large store': await copyPostgres(), 'empty store': await copyPostgres() }
    const membersOf = (name: string) => (name === 'large store' ? largeRows : membersUsual)
    await fill(stores['large store'], context)
    const servers = []
    const before = new Map<string, PageCounts>()
    for (const [name, url] of Object.entries(stores)) {
      servers.push({ ...(await startGateway(url)), name })
      before.set(name, await countPages(url))
    }
    const notes = []
    for (const { name, port } of servers) {
      say(`${name}: ${warmSeconds(largeRows)} s of logins before the first round`)
      notes.push(await warmUp(name, port, stores[name as keyof typeof stores], membersOf(name), warmSeconds(largeRows)))
    }
    const { figures, ratio } = await compareLogins(servers, context, membersOf)
    for (const [name, url] of Object.entries(stores)) {
      const pages = pagesPerLogin(before.get(name) as PageCounts, await countPages(url))
      notes.push(`${name}, pages a login: ${pages.join('; ')}`)
      const path = join(resultsFolder, `${name.replace(' ', '-')}-plans.txt`)
      writeFileSync(path, `${await explainLogins(url, membersOf(name))}\n`)
      say(`plans of the login's statements in the ${name}: ${path}`)
    }
    return {
      lines: [
        {
          title: `member login at ${count(largeRows)} members, ${count(largeRows * sessionsAMember)} sessions`,
          against: 'empty store',
          value: ratio('large store', 'empty store'),
          unit: '×',
          target: { bound: 'at least', value: 0.9 },
        },
      ],
      figures,
      notes: [...(await describeSize(stores['large store'])), `empty store: ${count(membersUsual)} members, no session`, ...notes],
    }
  },
}

/**
 * Fills PostgreSQL's buffers, and lets it write each page to its log for the first time since the checkpoint (full_page_writes). In a newly filled
 * store nearly every login causes such a write; in a running one, once per page and checkpoint.
 */
async function warmUp(name: string, port: number, url: string, members: number, seconds: number): Promise<string> {
  const pieces = []
  for (let second = 0; second < seconds; second += warmPieceSeconds) {
    const before = await countLog(url)
    const requests = memberLogins({ ...merchant, members, count: warmPieceSeconds * 20_000 })
    const result = await load({ port, seconds: warmPieceSeconds, connections, requests, use: 'once' })
    const pages = ((await countLog(url)) - before) / result.requests
    pieces.push(`${Math.round(goodRound(name, result).rate).toLocaleString('en')}/s and ${pages.toFixed(2)} whole pages to the log a login`)
  }
  return `${name}, the ${seconds} s before the rounds, from a checkpoint on: ${pieces[0]}; at their end ${pieces.at(-1)}`
}

function warmSeconds(largeRows: number): number {
  return Math.min(150, Math.max(30, Math.ceil(largeRows / 1_000_000) * 15))
}

/** Whole pages that the server has written to its log so far. */
async function countLog(url: string): Promise<number> {
  const [row] = await select(url, 'select wal_fpi::float8 as pages from pg_stat_wal')
  return Number(row?.pages)
}

async function describeSize(url: string): Promise<string[]> {
  const [sizes] = await select(
    url,
    "select pg_size_pretty(pg_database_size(current_database())) as size, current_setting('shared_buffers') as buffers",
  )
  return [`the large database has ${sizes?.size}, shared_buffers ${sizes?.buffers}; its logins are of all its members at random`]
}

/** @throws Error when the disk of a PostgreSQL on this machine would have less than ten GiB left */
async function assertRoom(largeRows: number): Promise<void> {
  const [row] = await select(postgresUrl ?? '', 'show data_directory').catch(() => [])
  const folder = String(row?.data_directory ?? '')
  if (!existsSync(folder)) return
  const { bavail, bsize } = statfsSync(folder)
  const leftGib = (bavail * bsize - largeRows * memberBytes) / 2 ** 30
  if (leftGib < leftGibMin) throw new Error(`the disk would have ${leftGib.toFixed(0)} GiB left, fewer than ${leftGibMin}`)
}

/** Members, and live sessions that began over the last day. Indexes are rebuilt at the end, which is many times faster. */
async function fill(url: string, { largeRows, say }: RowContext): Promise<void> {
  const sessions = largeRows * sessionsAMember
  const now = Date.now()
  const dayMs = 86_400_000
  const rebuild = await dropIndexes(url, ['members', 'member_sessions'])
  await inPieces('members', membersUsual, largeRows, (from, to) =>
    query(
      url,
      `insert into members select '${merchant.agentId}', ${memberIdSql.postgres('i')}, 'bench', '', 'Active', 0, 0
       from generate_series(${from + 1}, ${to}) i`,
    ),
  )
  // In chronological order, as they would have come; tokens and members at random.
  await inPieces('sessions', 0, sessions, (from, to) =>
    query(
      url,
      `insert into member_sessions (token_hash, agent_id, user_id, platform, language, currency, game_code, created_at, expires_at)
       select decode(md5('session ' || i), 'hex'), '${merchant.agentId}',
         ${memberIdSql.postgres(`(1 + floor(random() * ${largeRows})::bigint)`)}, 'h5', 'en-US', 'VND2', '101-DYfsRc', began, began + ${dayMs}
       from (select i, ${now - dayMs + 3_600_000} + i * ${dayMs - 3_600_000} / ${sessions} as began
             from generate_series(${from + 1}::bigint, ${to}) i) t`,
    ),
  )
  for (const statement of rebuild) {
    say(statement)
    await query(url, "set maintenance_work_mem = '1GB'", statement)
  }
  say('vacuum analyze, checkpoint')
  await query(url, 'vacuum (analyze)', 'checkpoint')

  async function inPieces(what: string, start: number, end: number, write: (from: number, to: number) => Promise<void>): Promise<void> {
    for (let from = start; from < end; from += pieceRows) {
      const to = Math.min(end, from + pieceRows)
      await write(from, to)
      say(`${count(to)} of ${count(end)} ${what}`)
    }
  }
}

/** @returns the statements that create them again */
async function dropIndexes(url: string, tables: readonly string[]): Promise<string[]> {
  const names = tables.map((table) => `'${table}'::regclass`).join(', ')
  const constraints = await select(
    url,
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
       format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as make
     from pg_constraint where contype in ('p', 'u') and conrelid in (${names})`,
  )
  await query(url, ...constraints.map(({ drop }) => String(drop)))
  const indexes = await select(
    url,
    `select format('drop index %s', indexrelid::regclass) as drop, pg_get_indexdef(indexrelid) as make
     from pg_index where indrelid in (${names})`,
  )
  await query(url, ...indexes.map(({ drop }) => String(drop)))
  return [...constraints, ...indexes].map(({ make }) => String(make))
}

function count(value: number): string {
  return value.toLocaleString('en')
}
