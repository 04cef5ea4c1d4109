import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { sql } from 'kysely'
import { copyStore } from '../../src/store/copy/copy-store.ts'
import { migrate, newerMigrations, pendingMigrations } from '../../src/store/migrate.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { openStore } from '../../src/store/open-store.ts'
import { StoreTooNewError } from '../../src/store/store-too-new-error.ts'
import { type StoreKind, type TestDatabase, testStores } from '../support/stores.ts'

const names = migrations.map(({ name }) => name)

test('migrations are numbered in order, each name once', () => {
  assert.deepEqual(names, [...new Set(names)].toSorted())
  for (const name of names) assert.match(name, /^\d{4}-[a-z-]+$/)
})

for (const kind of testStores()) {
  test(`${kind.name}: an empty store is migrated, once`, () =>
    onEmpty(kind, async ({ url }) => {
      const store = await openStore({ url })
      assert.deepEqual(await pendingMigrations(store), names)
      assert.deepEqual(await migrate(store), { applied: names })
      assert.deepEqual(await pendingMigrations(store), [])
      assert.deepEqual(await migrate(store), { applied: [] })
      await store.close()
    }))

  test(`${kind.name}: nodes that start together do not conflict [check 80]`, () =>
    onEmpty(kind, async ({ url }) => {
      const stores = await Promise.all([1, 2, 3, 4].map(() => openStore({ url })))
      const applied = await Promise.all(stores.map((store) => migrate(store)))
      assert.deepEqual(
        applied.flatMap((one) => one.applied),
        names,
      )
      for (const store of stores) await store.close()
    }))

  test(`${kind.name}: a migration that was killed half-way leaves nothing and is repeated [check 80]`, () =>
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

  test(`${kind.name}: a newer version that only added is accepted; one that removed is not, and neither store is copied`, () =>
    onEmpty(kind, async ({ url }) => {
      const store = await openStore({ url })
      await migrate(store)
      const add = (name: string) => store.database.run((db) => sql`insert into schema_migrations (name) values (${name})`.execute(db))
      await add('9998-future')
      assert.deepEqual([await pendingMigrations(store), await newerMigrations(store)], [[], ['9998-future']])
      assert.deepEqual(await migrate(store), { applied: [] })
      await assert.rejects(copyStore({ source: store, target: store }), StoreTooNewError)
      await add('9999-contract-future')
      for (const refused of [migrate, pendingMigrations, newerMigrations]) {
        await assert.rejects(
          refused(store),
          /migrated by a newer Lobbykey \(9998-future, 9999-contract-future\): run that version, or a later one/,
        )
      }
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
