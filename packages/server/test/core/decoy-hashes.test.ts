import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DecoyHashes } from '../../src/core/decoy-hashes.ts'
import { randomAlphanumeric } from '../../src/core/random.ts'
import { sampleEvent, sampleSeller } from '../store/samples.ts'
import { eachStore } from '../support/stores.ts'

const none = 'no account'

eachStore('decoy hashes', (subject) => {
  test('[check 7] an e-mail without account meets the hash of an account, always the same one, each kind in its proportion', async () => {
    const { sellers } = subject.store
    const decoys = new DecoyHashes({ store: sellers, secret: Buffer.alloc(32, 1), none })
    assert.equal(await decoys.find('nobody@example.com'), none)

    const hashes = Array.from({ length: 200 }, (_, n) => `${n % 4 === 0 ? 'imported' : 'native'} ${n}`)
    const records = hashes.map((passwordHash) => sampleSeller({ id: randomAlphanumeric(22), passwordHash }))
    await sellers.addMany(
      records,
      records.map(() => sampleEvent()),
    )
    const emails = Array.from({ length: 1_000 }, (_, n) => `nobody${n}@example.com`)
    const met: string[] = []
    for (const email of emails) met.push(await decoys.find(email))
    for (const hash of met) assert.ok(hashes.includes(hash))
    const imported = met.filter((hash) => hash.startsWith('imported')).length
    // A quarter of the accounts, whose IDs lie as they fall.
    assert.ok(imported > 120 && imported < 400, `${imported} of 1,000`)

    for (const [n, email] of emails.slice(0, 20).entries()) assert.equal(await decoys.find(email), met[n])
    const others = new DecoyHashes({ store: sellers, secret: Buffer.alloc(32, 2), none })
    const metThere = await Promise.all(emails.slice(0, 20).map((email) => others.find(email)))
    assert.notDeepEqual(metThere, met.slice(0, 20), 'which one is a secret')
  })
})
