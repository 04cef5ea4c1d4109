import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { sharedAs } from '../../src/core/base/clock.ts'
import { claimMasterKey } from '../../src/core/base/master-key-check.ts'
import { rightsOf } from '../../src/operations/caller.ts'
import { Operations } from '../../src/operations/index.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { eachStore } from '../support/stores.ts'

eachStore('rehearsals', (subject) => {
  test('one makes no key and no hash, which take long, while it holds the store', async () => {
    const { store } = subject
    const clock = new ManualClock()
    const sealer = await claimMasterKey(store.meta, randomBytes(32))
    const impossible = { tokenKeyBits: 0, argon2MemoryKib: 0, argon2Passes: 0 }
    const throttle = { loginBackoffAfter: 5, loginLockAfter: 100, loginFailuresPerAddressMinute: 60 }
    const operations = new Operations({
      store,
      clock,
      shared: sharedAs(clock),
      sealer: async () => sealer,
      explain: () => Promise.reject(new Error('not asked')),
      publishedKeys: [],
      publicUrl: async () => 'http://localhost',
      settings: {
        ...impossible,
        ...throttle,
        lobbyPage: false,
        ratePerMerchant: 0,
        keyPublishSeconds: 600,
        keyRotationDays: 0,
        adminUrl: 'http://localhost',
      },
    })
    const caller = {
      origin: { surface: 'cli' as const },
      rights: rightsOf('owner'),
      agentIds: null,
      isConfirmed: true,
      operatorId: null,
      sessionId: null,
      signInMethod: null,
      confirmedUntil: null,
    }
    const seller = { email: 'ann@example.com', password: 'walnut-harbour-lantern' }
    await assert.rejects(operations.run('keys.rotate', {}, caller), 'a key of no bits cannot be made')
    await assert.rejects(operations.run('seller.add', seller, caller), 'nor a hash of no memory')
    const key = await operations.run('keys.rotate', {}, caller, { isDryRun: true })
    assert.match(key.kid, /^[\w-]{43}$/)
    const added = await operations.run('seller.add', seller, caller, { isDryRun: true })
    assert.equal(added.email, seller.email)
    assert.deepEqual(await store.signingKeys.list(), [])
  })
})
