import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomAlphanumeric } from '../../../src/core/base/random.ts'
import { decoyPlace } from '../../../src/core/passwords/decoy-hash.ts'
import { sampleEvent, sampleSeller } from '../../store/samples.ts'
import { eachStore } from '../../support/stores.ts'

eachStore('decoy hashes', (subject) => {
  test("[check 7] an unknown e-mail is checked against an account's hash, always the same one, each kind in proportion", async () => {
    const { sellers } = subject.store
    const find = async (email: string, secret = Buffer.alloc(32, 1)) => {
      const found = await sellers.findForLogin({ email, addressKey: '', decoyFrom: decoyPlace(secret, email) })
      assert.deepEqual([found.seller, found.isKnownAddress], [null, false])
      return found.decoyHash
    }
    assert.equal(await find('nobody@example.com'), null)

    const hashes = Array.from({ length: 200 }, (_, n) => `${n % 4 === 0 ? 'imported' : 'native'} ${n}`)
    const records = hashes.map((passwordHash) => sampleSeller({ id: randomAlphanumeric(22), passwordHash }))
    await sellers.addMany(
      records,
      records.map(() => sampleEvent()),
    )
    const emails = Array.from({ length: 1_000 }, (_, n) => `nobody${n}@example.com`)
    const met: (string | null)[] = []
    for (const email of emails) met.push(await find(email))
    for (const hash of met) assert.ok(hashes.includes(hash ?? ''))
    const imported = met.filter((hash) => hash?.startsWith('imported')).length
    // A quarter of the accounts, with random IDs.
    assert.ok(imported > 120 && imported < 400, `${imported} of 1,000`)

    for (const [n, email] of emails.slice(0, 20).entries()) assert.equal(await find(email), met[n])
    const metThere = await Promise.all(emails.slice(0, 20).map((email) => find(email, Buffer.alloc(32, 2))))
    assert.notDeepEqual(metThere, met.slice(0, 20), 'which one is a secret')
  })
})
