import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { sql } from 'kysely'
import { migrate, pendingMigrations, StoreTooNewError } from '../../src/store/migrate.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { openStore } from '../../src/store/open-store.ts'
import { type StoreKind, type TestDatabase, testStores } from '../support/stores.ts'

const names = migrations.map(({ name }) => name)

test('migrations are numbered in order, each name once', () => {
  assert.deepEqual(names, [...new Set(names)].toSorted())
  for (const name of names) assert.match(name, /^\d{4}-[a-z-]+$/)
})

for (const kind of testStores()) {
  test(`${kind.name}: an empty store is brought up to date, once`, () =>
    onEmpty(kind, async ({ url }) => {
      const store = await openStore({ url })
      assert.deepEqual(await pendingMigrations(store), names)
      assert.deepEqual(await migrate(store), { applied: names })
      assert.deepEqual(await pendingMigrations(store), [])
      assert.deepEqual(await migrate(store), { applied: [] })
      await store.close()
    }))

  test(`${kind.name}: nodes that start together do not trip over each other [check 80]`, () =>
    onEmpty(kind, async ({ url }) => {
      const stores = await Promise.all([1, 2, 3, 4].map(() => openStore({ url })))
      const applied = await Promise.all(stores.map((store) => migrate(store)))
      assert.deepEqual(
        applied.flatMap((one) => one.applied),
        names,
      )
      for (const store of stores) await store.close()
    }))

  test(`${kind.name}: a migration that was killed half-way leaves nothing and is done again [check 80]`, () =>
    onEmpty(kind, async ({ url }) => {
      const script = `
        const { openStore } = await import(${JSON.stringify(import.meta.resolve('../../src/store/open-store.ts'))})
        const { migrations } = await import(${JSON.stringify(import.meta.resolve('../../src/store/migrations/index.ts'))})
        const { database } = await openStore({ url: ${JSON.stringify(url)} })
        setInterval(() => {}, 1000)
        await database.exclusively(async (tx) => {
          await migrations[0].up(tx, database.dialect)
          console.log('half-way')
          await new Promise(() => {})
        })`
      const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      const killed = once(child, 'exit')
      child.kill('SIGKILL')
      await killed
      const store = await openStore({ url })
      assert.deepEqual(await pendingMigrations(store), names)
      assert.deepEqual(await migrate(store), { applied: names })
      await store.close()
    }))

  test(`${kind.name}: a store of a newer version is refused`, () =>
    onEmpty(kind, async ({ url }) => {
      const store = await openStore({ url })
      await migrate(store)
      await store.database.run((db) => sql`insert into schema_migrations (name) values ('9999-future')`.execute(db))
      await assert.rejects(migrate(store), StoreTooNewError)
      await assert.rejects(pendingMigrations(store), /migrated by a newer Lobbykey \(9999-future\)/)
      await store.close()
    }))
}

async function onEmpty(kind: StoreKind, work: (database: TestDatabase) => Promise<void>): Promise<void> {
  const database = await kind.createEmpty()
  try {
    await work(database)
  } finally {
    await database.drop()
  }
}
