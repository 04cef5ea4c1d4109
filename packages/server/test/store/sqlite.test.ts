import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { migrate } from '../../src/store/migrate.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Connection } from '../../src/store/sql/database.ts'
import { addMerchant, sampleEvent, sampleLogin } from './samples.ts'

let folder = ''

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lobbykey-test-'))
})

after(() => rm(folder, { recursive: true, force: true }))

test("a new file, its folder and SQLite's other files are readable by their owner only", async () => {
  const store = await openStore({ url: `sqlite:${join(folder, 'deep/er/store.db')}` })
  await migrate(store)
  assert.equal((await stat(join(folder, 'deep/er'))).mode & 0o777, 0o700)
  const names = await readdir(join(folder, 'deep/er'))
  assert.deepEqual(names.toSorted(), ['store.db', 'store.db-shm', 'store.db-wal'])
  for (const name of names) assert.equal((await stat(join(folder, 'deep/er', name))).mode & 0o777, 0o600, name)
  await store.close()
})

test('WAL, full sync and foreign keys are set on every connection [check 76]', async () => {
  const url = `sqlite:${join(folder, 'pragmas.db')}`
  for (const store of [await openStore({ url }), await openStore({ url })]) {
    assert.deepEqual(await store.durabilityProblems(), [])
    const { rows } = await store.database.run((db) => sql<{ foreign_keys: number }>`pragma foreign_keys`.execute(db))
    assert.equal(rows[0]?.foreign_keys, 1)
    await store.close()
  }
})

test('settings that could lose a login are reported [check 76]', async () => {
  const store = await openStore({ url: 'sqlite::memory:' })
  assert.deepEqual(await store.durabilityProblems(), ["SQLite's journal_mode is memory, not wal"])
  await store.database.run((db) => sql`pragma synchronous = normal`.execute(db))
  assert.match((await store.durabilityProblems())[1] ?? '', /synchronous is 1, not 2/)
  await store.close()
})

test('what is deleted again after a power cut waits for no disk; every other transaction does [check 76]', async () => {
  const store = await openStore({ url: `sqlite:${join(folder, 'unsynced.db')}` })
  const synchronous = async (db: Connection) => (await sql<{ synchronous: number }>`pragma synchronous`.execute(db)).rows[0]?.synchronous
  const failure = new Error('this one fails')
  const failing = store.database.unsynced(async () => {
    throw failure
  })
  // All queue for the one connection.
  const modes = [store.database.unsynced(synchronous), store.database.transaction(synchronous), store.database.unsynced(synchronous)]
  await assert.rejects(failing, failure)
  assert.deepEqual(await Promise.all(modes), [1, 2, 1])
  assert.equal(await store.database.run(synchronous), 2)
  const during = store.database.unsynced(() => new Promise((resolve) => setImmediate(resolve)))
  assert.deepEqual(await store.durabilityProblems(), [])
  await during
  await store.close()
})

test("another process's transaction is waited for", async () => {
  const path = join(folder, 'busy.db')
  const store = await openStore({ url: `sqlite:${path}` })
  await migrate(store)
  const other = new DatabaseSync(path)
  other.exec('begin immediate')
  let isDone = false
  const written = store.events.append([sampleEvent()]).then(() => {
    isDone = true
  })
  const login = store.memberSessions.login([])
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isDone, false)
  assert.deepEqual(await login, [])
  await store.ping()
  other.exec('commit')
  await written
  other.close()
  await store.close()
})

test('a transaction that waits for another statement of its own process is refused, and holds up nobody for good', async (t) => {
  const store = await openStore({ url: `sqlite:${join(folder, 'waits-for-itself.db')}` })
  await migrate(store)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const waits = store.rehearse(() => store.events.append([sampleEvent()])).catch((error: { key?: string }) => error.key)
  const others = [1, 2, 3].map(() => store.ping())
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
  t.mock.timers.tick(3_000)
  assert.equal(await waits, 'store_unavailable')
  assert.deepEqual(
    (await Promise.allSettled(others)).map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  await store.ping()
  assert.deepEqual(await store.events.list({ limit: 1 }), [])
  await store.close()
})

test('a thousand statements at once each get their turn, in order', async () => {
  const store = await openStore({ url: `sqlite:${join(folder, 'turns.db')}` })
  await migrate(store)
  const done: number[] = []
  await Promise.all(Array.from({ length: 1_000 }, (_, n) => store.ping().then(() => done.push(n))))
  assert.deepEqual(
    done,
    [...done].sort((a, b) => a - b),
  )
  await store.close()
})

test('a file that cannot be opened, or is not ours, is store_unavailable', async () => {
  await writeFile(join(folder, 'text'), 'not a database, but long enough to look at '.repeat(20))
  await assert.rejects(openStore({ url: `sqlite:${join(folder, 'text')}` }), { key: 'store_unavailable' })
  await assert.rejects(openStore({ url: `sqlite:${join(folder, 'text/store.db')}` }), { key: 'store_unavailable' })
  await assert.rejects(openStore({ url: `sqlite:${folder}` }), { key: 'store_unavailable' })
})

test("a full file is store_unavailable on every write, with SQLite's first error; and recovers when there is room", async () => {
  const store = await openStore({ url: `sqlite:${join(folder, 'full.db')}` })
  await migrate(store)
  const agentId = await addMerchant(store, 'uid001')
  const run = (pragma: string) => store.database.run((db) => sql.raw(`pragma ${pragma}`).execute(db))
  const { rows } = await store.database.run((db) => sql<{ page_count: number }>`pragma page_count`.execute(db))
  await run(`max_page_count = ${rows[0]?.page_count}`)
  const isFull = (error: { key?: string; cause?: { message?: string } }) =>
    error.key === 'store_unavailable' && /full/.test(error.cause?.message ?? '')
  const details = { text: 'x'.repeat(100_000) }
  await assert.rejects(store.events.append([sampleEvent('test.full', { details })]), isFull)
  const logins = Array.from({ length: 2_000 }, (_, n) => sampleLogin({ agentId, userId: 'uid001', token: `full ${n}` }))
  await assert.rejects(store.memberSessions.login(logins), isFull)
  await run('max_page_count = 1000000')
  await store.events.append([sampleEvent('test.full', { details })])
  assert.ok((await store.memberSessions.login(logins)).every((outcome) => outcome === 'accepted'))
  await store.close()
})

test('a store that is readable but not writable reports so', async () => {
  const store = await openStore({ url: `sqlite:${join(folder, 'readonly.db')}` })
  await migrate(store)
  await store.verifyWritable()
  await store.database.run((db) => sql`pragma query_only = on`.execute(db))
  await store.ping()
  await assert.rejects(store.verifyWritable(), { key: 'store_unavailable' })
  await assert.rejects(store.events.append([sampleEvent()]), { key: 'store_unavailable' })
  await store.close()
})

test('the log that grew during a long read is truncated afterwards', async () => {
  const path = join(folder, 'long-reader.db')
  const store = await openStore({ url: `sqlite:${path}` })
  await migrate(store)
  const reader = new DatabaseSync(path)
  reader.exec('begin; select count(*) from events')
  reader.prepare('select count(*) from events').get()
  const details = { text: 'x'.repeat(1_000_000) }
  const write = () => store.events.append([sampleEvent('test.long', { details })])
  for (let n = 0; n < 60; n++) await write()
  const grown = (await stat(`${path}-wal`)).size
  reader.close()
  for (let n = 0; n < 3; n++) await write()
  const cut = (await stat(`${path}-wal`)).size
  assert.ok(grown > 50_000_000 && cut <= 33_554_432, `${grown} ${cut}`)
  await store.close()
})

test('a closed store is store_unavailable; closing again does nothing', async () => {
  const store = await openStore({ url: `sqlite:${join(folder, 'closed.db')}` })
  await migrate(store)
  await store.close()
  await store.close()
  await assert.rejects(store.ping(), { key: 'store_unavailable' })
  await assert.rejects(store.events.append([sampleEvent()]), { key: 'store_unavailable' })
})

test('an unknown kind of URL is refused without being repeated', async () => {
  for (const url of ['', 'sqlite:', 'mysql://root:hunter2@db', 'file:store.db']) {
    await assert.rejects(openStore({ url }), (error: Error) => error instanceof TypeError && !error.message.includes('hunter2'))
  }
})
