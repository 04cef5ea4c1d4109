import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { fillPlatform, platform } from '../../../../bench/lib/large-platform.ts'
import { openStore } from '../../src/store/open-store.ts'
import { sampleEvent, sampleKey, sampleMerchant } from '../store/samples.ts'
import { type StoreKind, testStores } from '../support/stores.ts'

/** SQLite with a platform of this size, filled before the gateway opens it. */
export function filledStore(size: Parameters<typeof fillPlatform>[1]): StoreKind {
  const [sqlite] = testStores()
  assert.ok(sqlite)
  return {
    ...sqlite,
    create: async () => {
      const database = await sqlite.create()
      const store = await openStore({ url: database.url })
      await store.merchants.add(sampleMerchant(platform.large), sampleKey(platform.large), sampleEvent())
      await store.close()
      const file = new DatabaseSync(database.url.replace(/^sqlite:/, ''))
      file.exec('pragma synchronous = off; pragma cache_size = -200000')
      for (const { statement } of fillPlatform('sqlite', size, Date.now())) file.exec(statement)
      // The sample's key is sealed by nobody.
      file.exec(`delete from merchant_keys where agent_id = '${platform.large}'`)
      file.close()
      return database
    },
  }
}
