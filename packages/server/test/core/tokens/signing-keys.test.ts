import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { calculateJwkThumbprint } from 'jose'
import { sharedAs } from '../../../src/core/base/clock.ts'
import { SealError, Sealer } from '../../../src/core/base/sealer.ts'
import { findServerSecret } from '../../../src/core/base/server-secret.ts'
import { KeyRotation } from '../../../src/core/tokens/key-rotation.ts'
import { makeSigningKey } from '../../../src/core/tokens/make-signing-key.ts'
import { SigningKeys } from '../../../src/core/tokens/signing-keys.ts'
import type { SigningKeyStore, Store } from '../../../src/store/store.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { eachStore } from '../../support/stores.ts'

const masterKey = Buffer.alloc(32, 7)

function openKeys(store: SigningKeyStore, key = masterKey, clock = new ManualClock()) {
  return new SigningKeys({ store, sealer: new Sealer(key), clock })
}

eachStore('signing keys', (subject) => {
  test('[check 23] the first run creates one key, RSA 2048, named by its thumbprint; nodes that start together agree', async () => {
    const nodes: Store[] = [subject.store, await subject.another(), await subject.another()]
    const rings = nodes.map((store) => openKeys(store.signingKeys))
    await Promise.all(rings.map((keys) => keys.load()))
    const records = await subject.store.signingKeys.list()
    assert.equal(records.length, 1)
    const [record] = records
    for (const keys of rings) assert.equal(keys.current().kid, record?.kid)
    const { publicKey } = rings[0]?.current() ?? assert.fail()
    const jwk = publicKey.export({ format: 'jwk' })
    assert.equal(await calculateJwkThumbprint(jwk as Parameters<typeof calculateJwkThumbprint>[0]), record?.kid)
    assert.equal(publicKey.asymmetricKeyDetails?.modulusLength, 2048)
    assert.equal(jwk.e, 'AQAB')
    assert.deepEqual(Object.keys(JSON.parse(record?.publicJwk ?? '')).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use'])
    assert.equal((await subject.store.events.list({ kind: 'signing-key.created', limit: 10 })).length, 1)
  })

  test('[check 87] keys read before a retirement are not kept after it', async (t) => {
    const keys = openKeys(subject.store.signingKeys)
    await keys.load()
    const { kid } = keys.current()
    const stale = await subject.store.signingKeys.list()
    const fresh = stale.map((record) => ({ ...record, retiredAt: 0 }))
    const first = Promise.withResolvers<typeof stale>()
    const answers = [first.promise, Promise.resolve(fresh)]
    t.mock.method(subject.store.signingKeys, 'list', () => answers.shift())
    const loads = [keys.load(), keys.load()]
    await setImmediate()
    first.resolve(stale)
    await Promise.all(loads)
    assert.equal(keys.find(kid), null)
  })

  test('[check 81] a key stays retired although a store that went back lists it as it was before', async (t) => {
    const keys = openKeys(subject.store.signingKeys)
    await keys.load()
    const { kid } = keys.current()
    const before = await subject.store.signingKeys.list()
    const answers = [before.map((record) => ({ ...record, retiredAt: 0 })), before]
    t.mock.method(subject.store.signingKeys, 'list', async () => answers.shift())
    await keys.load()
    await keys.load()
    assert.equal(keys.find(kid), null)
    const restored = t.mock.method(subject.store.signingKeys, 'restore', async () => 0)
    await keys.writeAgain()
    assert.equal(restored.mock.calls[0]?.arguments[0]?.find((record) => record.kid === kid)?.retiredAt, 0)
  })

  test('[check 67] the private key is encrypted, for its own row and this master key only', async () => {
    await openKeys(subject.store.signingKeys).load()
    const [record] = await subject.store.signingKeys.list()
    const sealed = record?.sealedPrivate ?? new Uint8Array()
    assert.throws(() => createPrivateKey({ key: Buffer.from(sealed), format: 'der', type: 'pkcs8' }))
    await assert.rejects(openKeys(subject.store.signingKeys, Buffer.alloc(32, 8)).load(), SealError)
    assert.throws(() => new Sealer(masterKey).open(sealed, 'signing-key:another'), SealError)
    assert.ok(new Sealer(masterKey).open(sealed, `signing-key:${record?.kid}`).length > 1_000)
  })

  test('server secrets: one per name, the same on every node and after a restart, encrypted', async () => {
    const sealer = new Sealer(masterKey)
    const { meta } = subject.store
    const other = (await subject.another()).meta
    const [one, same, different] = await Promise.all([
      findServerSecret(meta, sealer, 'one'),
      findServerSecret(other, sealer, 'one'),
      findServerSecret(meta, sealer, 'two'),
    ])
    assert.equal(one.length, 32)
    assert.deepEqual(Buffer.from(same), Buffer.from(one))
    assert.notDeepEqual(Buffer.from(different), Buffer.from(one))
    assert.deepEqual(Buffer.from(await findServerSecret(other, sealer, 'one')), Buffer.from(one))
    await assert.rejects(findServerSecret(meta, new Sealer(Buffer.alloc(32, 8)), 'one'), SealError)
  })

  test('the newest active key signs; a retired one is not found; a kid is only a name', async () => {
    const clock = new ManualClock()
    const store = subject.store.signingKeys
    const keys = openKeys(store, masterKey, clock)
    await keys.load()
    const first = keys.current().kid
    const sealer = new Sealer(masterKey)
    const rotation = new KeyRotation({ store, sealer, shared: sharedAs(clock), origin: { surface: 'cli' }, bits: 2048, publishMs: 1_000 })
    const { kid } = await rotation.rotate(false)
    await keys.load()
    assert.equal(keys.current().kid, first)
    assert.notEqual(keys.find(kid), null, 'a published key verifies')
    clock.advance(1_000)
    assert.equal(keys.current().kid, kid)
    assert.notEqual(keys.find(first), null)
    await rotation.retire(first, true)
    await keys.load()
    assert.equal(keys.find(first), null)
    for (const name of ['', '__proto__', 'constructor', 'toString', '../../dev/null', "' or 1=1 --", 'k'.repeat(10_000)]) {
      assert.equal(keys.find(name), null)
    }
  })

  test('[check 68] a key that a faster clock retired ends when that moment comes here, without another load', async () => {
    const [clock, ahead] = [new ManualClock(), new ManualClock()]
    // The other tests' keys are from before.
    clock.advance(10_000)
    ahead.advance(10_500)
    const store = subject.store.signingKeys
    const keys = openKeys(store, masterKey, clock)
    await keys.load()
    const old = keys.current()
    const shared = sharedAs(ahead)
    const rotation = new KeyRotation({ store, sealer: new Sealer(masterKey), shared, origin: { surface: 'cli' }, bits: 2048, publishMs: 0 })
    const { kid } = await rotation.reset()
    await keys.load()
    clock.advance(500)
    assert.equal(keys.current().kid, kid)
    assert.deepEqual([keys.find(old.kid), keys.findByHeader(old.tokenHeader)], [null, null])
    assert.deepEqual(
      keys.publicJwks().map((jwk) => jwk.kid),
      [kid],
    )
  })
})

test("no key's name begins with a dash", async () => {
  const sealer = new Sealer(masterKey)
  // One in 64 would: 300 small keys miss it once in a hundred runs.
  for (let made = 0; made < 300; made += 1) {
    const { kid } = await makeSigningKey({ sealer, bits: 512, now: 0, activeAt: 0, epoch: null })
    assert.doesNotMatch(kid, /^-/)
  }
})
