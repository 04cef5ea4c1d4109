import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BrandAdmin } from '../../../src/core/brands/brand-admin.ts'
import { BrandDirectory } from '../../../src/core/brands/brand-directory.ts'
import { addMerchant } from '../../store/samples.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { eachStore } from '../../support/stores.ts'

eachStore('brands', (subject) => {
  test('[check 81] a removal that is not reloaded yet is not undone when the store went back', async () => {
    const { brands, merchants } = subject.store
    const clock = new ManualClock()
    const agentId = await addMerchant(subject.store)
    const admin = new BrandAdmin({ store: brands, merchants, clock, origin: { surface: 'cli' } })
    const directory = new BrandDirectory({ store: brands })
    await admin.set(agentId, { title: 'Removed' })
    await directory.reload([agentId])
    await admin.remove(agentId)
    await directory.writeAgain([{ topic: 'brand', subject: agentId, at: clock.now(), detail: 'removed' }], clock.now())
    assert.deepEqual(await brands.load([agentId]), [])
  })
})
