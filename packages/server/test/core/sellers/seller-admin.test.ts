import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isGatewayError } from '@lobbykey/contract'
import { parseOptions } from '@node-rs/argon2'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { openSellerAdmin } from '../../../src/core/sellers/open-seller-admin.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { eachStore } from '../../support/stores.ts'

const settings = {
  argon2MemoryKib: 7_168,
  argon2Passes: 5,
  loginBackoffAfter: 5,
  loginLockAfter: 100,
  loginFailuresPerAddressMinute: 60,
  passwordQueueMax: 128,
}
const password = 'a long enough password'

eachStore('seller admin', (subject) => {
  const open = () =>
    openSellerAdmin({
      store: subject.store,
      sealer: new Sealer(Buffer.alloc(32, 7)),
      clock: new ManualClock(),
      settings,
      origin: { surface: 'cli' },
    })
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'none',
      (error: unknown) => (isGatewayError(error) ? `${error.key} ${error.details.message}` : String(error)),
    )

  test('[check 47] a seller is added once, under any spelling', async () => {
    const admin = await open()
    const seller = await admin.add(' One@Example.com', password)
    assert.equal(seller.email, 'one@example.com')
    assert.equal(await refusal(admin.add('ONE@example.com', password)), 'already_exists there is a seller one@example.com already')
    assert.deepEqual(await admin.get('One@EXAMPLE.com '), seller)
    assert.match(await refusal(admin.add('\uff4fne@example.com', password)), /^invalid_parameter email must be/)
    assert.match(await refusal(admin.get('nobody@example.com')), /^not_found there is no seller/)
    assert.match(await refusal(admin.get('no e-mail')), /^not_found there is no seller "no e-mail"/)
  })

  test('[check 2] a password is set within its rule, unchanged, hashed at the current cost', async () => {
    const admin = await open()
    assert.match(await refusal(admin.add('two@example.com', 'p'.repeat(14))), /^invalid_parameter password must have at least 15/)
    assert.match(await refusal(admin.add('two@example.com', 'p'.repeat(257))), /^invalid_parameter password must have at most 256/)
    const { passwordHash } = await admin.add('two@example.com', 'rook 9 pebble X')
    assert.equal(parseOptions(passwordHash).memoryCost, settings.argon2MemoryKib)
    await admin.setPassword('two@example.com', `${'heron marsh rook '.repeat(15)}!`)
    assert.notEqual((await admin.get('two@example.com')).passwordHash, passwordHash)
    assert.match(await refusal(admin.setPassword('nobody@example.com', password)), /^not_found/)
    assert.match(await refusal(admin.setPassword('two@example.com', 'short')), /^invalid_parameter/)
  })

  test('every change leaves an event that names its object and no secret', async () => {
    const admin = await open()
    const { id } = await admin.add('three@example.com', password)
    await admin.setStatus('three@example.com', 'disabled')
    await admin.setStatus('three@example.com', 'enabled')
    await admin.setPassword('three@example.com', `${password}!`)
    await admin.unlock('three@example.com')
    assert.equal(await admin.endSessions('three@example.com'), 0)
    const events = await subject.store.events.list({ subject: id, limit: 10 })
    const kinds = ['seller.unlocked', 'seller.password_set', 'seller.enabled', 'seller.disabled', 'seller.added']
    assert.deepEqual(
      events.map(({ kind }) => kind),
      kinds,
    )
    assert.ok(!JSON.stringify(events).includes(password))
    const changes = [
      admin.setStatus('x@example.com', 'enabled'),
      admin.unlock('x@example.com'),
      admin.endSessions('x@example.com'),
      admin.listSessions('x@example.com', 1),
    ]
    for (const refused of await Promise.all(changes.map(refusal))) assert.match(refused, /^not_found/)
  })

  test('the list continues after an e-mail', async () => {
    const admin = await open()
    for (const name of ['pc', 'pa', 'pb']) await admin.add(`${name}@list.example`, password)
    const page = await admin.list({ afterEmail: 'pa@list.example', limit: 2 })
    assert.deepEqual(
      page.map(({ email }) => email),
      ['pb@list.example', 'pc@list.example'],
    )
  })
})
