import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { KeyUsage } from '../../../src/core/merchants/key-usage.ts'
import { MerchantAdmin } from '../../../src/core/merchants/merchant-admin.ts'
import { openStore } from '../../../src/store/open-store.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { testStores } from '../../support/stores.ts'

test("a key's last use is written within seconds; of very many in constant use each waits its turn", async (context) => {
  const clock = new ManualClock()
  const [sqlite = assert.fail()] = testStores()
  const database = await sqlite.create()
  const store = await openStore({ url: database.url, poolSize: 1 })
  const admin = new MerchantAdmin({ store: store.merchants, sealer: new Sealer(randomBytes(32)), clock, origin: { surface: 'cli' } })
  const usage = new KeyUsage({
    store: store.merchants,
    clock,
    onError: (error) => {
      throw error
    },
  })
  context.after(async () => {
    await usage.close()
    await store.close()
    await database.drop()
  })
  const keys: { readonly agentId: string; readonly keyId: string }[] = []
  for (let count = 0; count < 150; count++) {
    const agentId = `m${String(count).padStart(3, '0')}`
    keys.push({ agentId, keyId: (await admin.add(agentId, {})).keyId })
  }
  const use = (first: number, last: number) => {
    for (const { agentId, keyId } of keys.slice(first, last)) usage.note(agentId, keyId, clock.now())
  }
  const lastUses = async () => (await store.merchants.load()).map(({ keys: [key] }) => key?.lastUsedAt)
  const writtenNow = async () => (await lastUses()).filter((at) => at === clock.now()).length

  use(0, 150)
  await usage.flush()
  assert.equal(await writtenNow(), 150, 'a first use at once')

  clock.advance(5_000)
  use(0, 100)
  await usage.flush()
  assert.equal(await writtenNow(), 100, 'a hundred in constant use, each time')

  clock.advance(5_000)
  use(0, 150)
  await usage.flush()
  const uses = await lastUses()
  assert.equal(uses.filter((at) => at === clock.now()).length, 100)
  assert.ok(
    uses.slice(100).every((at) => at === clock.now()),
    'those first that have waited longest',
  )

  const last = clock.now()
  clock.advance(10_000)
  await usage.flush()
  assert.deepEqual(new Set(await lastUses()), new Set([last]), 'what is quiet is written without another use')
})
