import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { migrate } from '../../src/store/migrate.ts'
import { openStore } from '../../src/store/open-store.ts'
import { sampleEvent } from './samples.ts'

let folder = ''

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lobbykey-test-'))
})

after(() => rm(folder, { recursive: true, force: true }))

test('a new file, its folder and what SQLite puts beside it are for their owner only', async () => {
  const store = await openStore({ url: `sqlite:${join(folder, 'deep/er/store.db')}` })
  await migrate(store)
  assert.equal((await stat(join(folder, 'deep/er'))).mode & 0o777, 0o700)
  const names = await readdir(join(folder, 'deep/er'))
  assert.deepEqual(names.toSorted(), ['store.db', 'store.db-shm', 'store.db-wal'])
  for (const name of names) assert.equal((await stat(join(folder, 'deep/er', name))).mode & 0o777, 0o600, name)
  await store.close()
})

test('WAL, full sync and foreign keys hold on every connection [check 76]', async () => {
  const url = `sqlite:${join(folder, 'pragmas.db')}`
  for (const store of [await openStore({ url }), await openStore({ url })]) {
    assert.deepEqual(await store.durabilityProblems(), [])
    const { rows } = await store.database.run((db) => sql<{ foreign_keys: number }>`pragma foreign_keys`.execute(db))
    assert.equal(rows[0]?.foreign_keys, 1)
    await store.close()
  }
})

test('settings that could lose a login are named [check 76]', async () => {
  const store = await openStore({ url: 'sqlite::memory:' })
  assert.deepEqual(await store.durabilityProblems(), ["SQLite's journal_mode is memory, not wal"])
  await store.database.run((db) => sql`pragma synchronous = normal`.execute(db))
  assert.match((await store.durabilityProblems())[1] ?? '', /synchronous is 1, not 2/)
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

test('a file that cannot be opened, or is none of ours, is store_unavailable', async () => {
  await writeFile(join(folder, 'text'), 'not a database, but long enough to look at '.repeat(20))
  await assert.rejects(openStore({ url: `sqlite:${join(folder, 'text')}` }), { key: 'store_unavailable' })
  await assert.rejects(openStore({ url: `sqlite:${join(folder, 'text/store.db')}` }), { key: 'store_unavailable' })
  await assert.rejects(openStore({ url: `sqlite:${folder}` }), { key: 'store_unavailable' })
})

test('a store that was closed is store_unavailable; closing again does nothing', async () => {
  const store = await openStore({ url: `sqlite:${join(folder, 'closed.db')}` })
  await migrate(store)
  await store.close()
  await store.close()
  await assert.rejects(store.ping(), { key: 'store_unavailable' })
  await assert.rejects(store.events.append([sampleEvent()]), { key: 'store_unavailable' })
})

test('a URL of neither kind is refused without being repeated', async () => {
  for (const url of ['', 'sqlite:', 'mysql://root:hunter2@db', 'file:store.db']) {
    await assert.rejects(openStore({ url }), (error: Error) => error instanceof TypeError && !error.message.includes('hunter2'))
  }
})
