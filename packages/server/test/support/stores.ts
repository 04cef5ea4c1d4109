import { randomBytes } from 'node:crypto'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { migrate } from '../../src/store/migrate.ts'
import { openStore, type SqlStore } from '../../src/store/open-store.ts'

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** What gives servers their stores. */
export interface StoreSource {
  readonly name: 'sqlite' | 'postgres'
  /** A fresh store of this kind, migrated and empty. */
  create(): Promise<TestDatabase>
}

export interface StoreKind extends StoreSource {
  /** The same without tables. */
  createEmpty(): Promise<TestDatabase>
  /** A copy of a store of this kind that nobody has open. */
  copy(url: string): Promise<TestDatabase>
}

const postgresUrl = process.env.TEST_DATABASE_URL

/** The kinds of store available to tests: SQLite always, PostgreSQL when TEST_DATABASE_URL is set. */
export function testStores(): StoreKind[] {
  const kinds = [storeKind('sqlite', createSqliteFile)]
  if (postgresUrl) kinds.push(storeKind('postgres', (template) => createPostgresDatabase(postgresUrl, template)))
  return kinds
}

export interface Subject {
  readonly kind: StoreKind
  readonly url: string
  /** One migrated store for the whole suite. */
  readonly store: SqlStore
  /** Opens the same database again: the second node of a race. Closed with the suite. */
  another(): Promise<SqlStore>
}

/** Registers `suite` once per kind of store; the subject's fields are available when its tests run. */
export function eachStore(title: string, suite: (subject: Subject) => void): void {
  for (const kind of testStores()) {
    describe(`${title} on ${kind.name}`, () => {
      const subject = new OpenSubject(kind)
      before(() => subject.open())
      after(() => subject.close())
      suite(subject)
    })
  }
  if (!postgresUrl) test(`${title} on postgres`, { skip: 'TEST_DATABASE_URL is not set' })
}

class OpenSubject implements Subject {
  readonly kind: StoreKind
  readonly #opened: SqlStore[] = []
  #database: TestDatabase | undefined

  constructor(kind: StoreKind) {
    this.kind = kind
  }

  get url(): string {
    if (this.#database === undefined) throw new Error('the store is there inside tests only')
    return this.#database.url
  }

  get store(): SqlStore {
    const [store] = this.#opened
    if (store === undefined) throw new Error('the store is there inside tests only')
    return store
  }

  async open(): Promise<void> {
    this.#database = await this.kind.create()
    await this.another()
  }

  async another(): Promise<SqlStore> {
    const store = await openStore({ url: this.url, poolSize: 4 })
    this.#opened.push(store)
    return store
  }

  async close(): Promise<void> {
    for (const store of this.#opened) await store.close()
    await this.#database?.drop()
  }
}

/**
 * A migrated store of each kind that the files of a run copy, which is several times faster than migrating. Databases are kept until the run is over,
 * since PostgreSQL writes a checkpoint for each that is dropped, for which all other tests wait.
 * @returns environment variables for the test processes
 */
export async function makeTemplates(): Promise<{ readonly environment: Record<string, string>; drop(): Promise<void> }> {
  const kinds = testStores()
  const databases = await Promise.all(kinds.map((kind) => createMigrated(kind.createEmpty)))
  const urls = databases.map(({ url }, index) => [kinds[index]?.name, url])
  return {
    environment: { [templatesVariable]: JSON.stringify(Object.fromEntries(urls)) },
    drop: async () => {
      if (postgresUrl) await dropAll(postgresUrl, await namesLike(postgresUrl, `${runPrefix(databases.at(-1)?.url ?? '')}%`))
      for (const database of databases) await database.drop()
    },
  }
}

/** Name prefix of the databases of a run with this template. */
function runPrefix(templateUrl: string): string {
  return `${new URL(templateUrl).pathname.slice(1)}_`
}

/** Drops many at once: each waits for a checkpoint, and simultaneous ones share it. */
async function dropAll(serverUrl: string, names: readonly string[]): Promise<void> {
  const left = [...names]
  const dropInTurn = async () => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) await runOn(serverUrl, `drop database ${name} with (force)`)
  }
  await Promise.all(Array.from({ length: 16 }, dropInTurn))
}

async function namesLike(serverUrl: string, pattern: string): Promise<string[]> {
  const { rows } = await runOn(serverUrl, 'select datname from pg_database where datname like $1', [pattern])
  return rows.map(({ datname }: { datname: string }) => datname)
}

const templatesVariable = 'TEST_STORE_TEMPLATES'

/** The URL of the run's template; undefined when a file runs alone. */
function templateOf(name: StoreKind['name']): string | undefined {
  return JSON.parse(process.env[templatesVariable] ?? '{}')[name]
}

function storeKind(name: StoreKind['name'], createEmpty: (template?: string) => Promise<TestDatabase>): StoreKind {
  const template = templateOf(name)
  return {
    name,
    createEmpty: () => createEmpty(),
    copy: createEmpty,
    create: () => (template === undefined ? createMigrated(createEmpty) : createEmpty(template)),
  }
}

async function createMigrated(createEmpty: () => Promise<TestDatabase>): Promise<TestDatabase> {
  const database = await createEmpty()
  const store = await openStore({ url: database.url, poolSize: 1 })
  await migrate(store)
  await store.close()
  return database
}

async function createSqliteFile(template?: string): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'lobbykey-test-'))
  if (template !== undefined) await copyFile(template.slice('sqlite:'.length), join(folder, 'store.db'))
  return {
    url: `sqlite:${join(folder, 'store.db')}`,
    drop: () => rm(folder, { recursive: true, force: true }),
  }
}

async function createPostgresDatabase(serverUrl: string, template?: string): Promise<TestDatabase> {
  const run = templateOf('postgres')
  const random = randomBytes(8).toString('hex')
  const name = run === undefined ? `lobbykey_test_${random}` : `${runPrefix(run)}${random}`
  await runOn(serverUrl, `create database ${name}${template === undefined ? '' : ` template ${new URL(template).pathname.slice(1)}`}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const drop = async () => {
    if (run === undefined) await runOn(serverUrl, `drop database if exists ${name} with (force)`)
  }
  return { url: url.href, drop }
}

async function runOn(url: string, statement: string, values: readonly string[] = []): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await client.query(statement, [...values])
  } finally {
    await client.end()
  }
}
