import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SellerDirectory } from '../../../src/core/sellers/seller-directory.ts'
import { sampleEvent, sampleSeller, start, uniqueName } from '../../store/samples.ts'
import { eachStore } from '../../support/stores.ts'

eachStore('sellers in memory', (subject) => {
  /** A directory, one seller in the store, and how often it was read. `after` runs between a read and its use. */
  async function open(after: (directory: SellerDirectory) => unknown = () => {}) {
    const { sellers } = subject.store
    const seller = sampleSeller()
    await sellers.add(seller, sampleEvent())
    const reads = { count: 0 }
    const directory: SellerDirectory = new SellerDirectory({
      findById: async (id) => {
        reads.count++
        const found = await sellers.findById(id)
        await after(directory)
        return found
      },
    })
    return { sellers, seller, directory, reads }
  }

  test('an account is read once, and again after it has changed', async () => {
    const { sellers, seller, directory, reads } = await open()
    for (let n = 0; n < 3; n++) assert.deepEqual(await directory.find(seller.id), { id: seller.id, email: seller.email })
    assert.equal(reads.count, 1)
    const email = `${uniqueName('new')}@example.com`
    await sellers.update({ id: seller.id, email, labels: {}, expectedUpdatedAt: seller.updatedAt, updatedAt: start + 1 }, sampleEvent())
    await directory.forget([uniqueName('another')])
    assert.equal((await directory.find(seller.id))?.email, seller.email)
    await directory.forget([seller.id])
    assert.equal((await directory.find(seller.id))?.email, email)
    await directory.forget(['*'])
    await directory.find(seller.id)
    assert.equal(reads.count, 3)
  })

  test('a disabled account and none are not found, and read again each time', async () => {
    const { sellers, seller, directory, reads } = await open()
    await sellers.setStatus(seller.id, 'disabled', start, sampleEvent())
    assert.equal(await directory.find(seller.id), null)
    assert.equal(await directory.find(uniqueName('nobody')), null)
    await sellers.setStatus(seller.id, 'enabled', start, sampleEvent())
    assert.equal((await directory.find(seller.id))?.id, seller.id)
    assert.equal(reads.count, 3)
  })

  test('what was read before a change is not kept after it', async () => {
    const { seller, directory, reads } = await open((one) => (reads.count === 1 ? one.forget([seller.id]) : undefined))
    await directory.find(seller.id)
    await directory.find(seller.id)
    await directory.find(seller.id)
    assert.equal(reads.count, 2)
  })
})
