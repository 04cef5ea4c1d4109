/** The stores of a run: made once with the gateway's own command line, then copied for every server, so that all start from the same state. */
import { randomBytes } from 'node:crypto'
import { copyFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { hash } from '@node-rs/argon2'
import pg from 'pg'
import { runCommand } from './child.ts'
import { memberId } from './large-platform.ts'
import { repositoryFolder, scratchFile } from './workspace.ts'

export const merchant = { agentId: 'bench', key: randomBytes(16).toString('hex') } as const
export const seller = { email: 'seller@example.com', password: 'bench-orchard-lantern-9' } as const
/** All have the password of `seller`. */
export const sellerEmails: readonly string[] = Array.from({ length: 100 }, (_, n) => (n === 0 ? seller.email : `seller${n}@example.com`))
export const masterKey = randomBytes(32).toString('base64')
export const launcher = `${repositoryFolder}/packages/server/bin/lobbykey.js`

/** Default number of members in a store. */
export const membersUsual = 10_000

/** The PostgreSQL server; null: its rows are skipped. */
export const postgresUrl = process.env.BENCH_DATABASE_URL ?? process.env.TEST_DATABASE_URL ?? null

const made: string[] = []
let template: string | null = null
let templateFile: string | null = null

/** A fresh store for a row that runs on either database: PostgreSQL if available. @returns its DATABASE_URL */
export async function copyStore(): Promise<string> {
  return postgresUrl === null ? `sqlite:${await copySqlite()}` : copyPostgres()
}

/** A fresh PostgreSQL database with the merchant, the seller and the members. @returns its URL */
export async function copyPostgres(): Promise<string> {
  template ??= await makePostgresTemplate()
  return createDatabase(template)
}

/** A fresh SQLite file, likewise. @returns its path */
export async function copySqlite(): Promise<string> {
  if (templateFile === null) {
    const path = scratchFile('template.db')
    await fill(`sqlite:${path}`)
    const file = new DatabaseSync(path)
    file.exec(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${membersUsual})
       insert into members select '${merchant.agentId}', ${memberIdSql.sqlite('i')}, 'bench', '', 'Active', 0, 0 from n;
       pragma wal_checkpoint(truncate)`,
    )
    file.close()
    templateFile = path
  }
  const copy = scratchFile('store.db')
  copyFileSync(templateFile, copy)
  return copy
}

export async function query(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const statement of statements) await client.query(statement)
  await client.end()
}

export async function select(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<Record<string, unknown>>(statement)
  await client.end()
  return rows
}

/** A database of this run. @param from a database to copy */
export async function createDatabase(from?: string): Promise<string> {
  if (postgresUrl === null) throw new Error('BENCH_DATABASE_URL or TEST_DATABASE_URL is not set')
  const name = `lobbykey_bench_${process.pid}_${made.length}`
  await query(postgresUrl, `create database ${name}${from === undefined ? '' : ` template ${from}`}`)
  made.push(name)
  const url = new URL(postgresUrl)
  url.pathname = `/${name}`
  return url.href
}

export async function dropDatabases(): Promise<void> {
  if (postgresUrl === null) return
  for (const name of made.splice(0)) await query(postgresUrl, `drop database if exists ${name} with (force)`)
}

/** `memberId`, in SQL. */
export const memberIdSql = {
  postgres: (number: string) => `'u' || lpad(${number}::text, ${memberId(0).length - 1}, '0')`,
  sqlite: (number: string) => `printf('u%0${memberId(0).length - 1}d', ${number})`,
}

/** Runs `lobbykey …` on a store. */
export function lobbykey(databaseUrl: string, words: readonly string[], input = ''): Promise<string> {
  return runCommand(process.execPath, [launcher, ...words], { env: { DATABASE_URL: databaseUrl, MASTER_KEY: masterKey }, input })
}

async function makePostgresTemplate(): Promise<string> {
  const url = await createDatabase()
  await fill(url)
  await query(
    url,
    `insert into members select '${merchant.agentId}', ${memberIdSql.postgres('i')}, 'bench', '', 'Active', 0, 0
     from generate_series(1, ${membersUsual}) i`,
    'vacuum (analyze)',
  )
  return new URL(url).pathname.slice(1)
}

async function fill(url: string): Promise<void> {
  await lobbykey(url, ['migrate'])
  const merchantWords = ['merchant', 'add', merchant.agentId, '--currency', 'VND2', '--allow', '127.0.0.0/8', '--key-from-stdin']
  await lobbykey(url, merchantWords, merchant.key)
  // At the gateway's default cost, so that no login makes a stronger hash.
  const passwordHash = await hash(seller.password, { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 })
  const path = scratchFile('sellers.jsonl')
  writeFileSync(path, sellerEmails.map((email) => `${JSON.stringify({ email, passwordHash })}\n`).join(''))
  await lobbykey(url, ['seller', 'import', path])
}
