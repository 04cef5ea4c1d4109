import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { isGatewayError } from '@lobbykey/contract'
import { sharedAs } from '../../../src/core/base/clock.ts'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { KeyRotation } from '../../../src/core/tokens/key-rotation.ts'
import { SigningKeys } from '../../../src/core/tokens/signing-keys.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { eachStore } from '../../support/stores.ts'

const publishMs = 600_000
const tokenLifeMs = 604_800_000
const day = 86_400_000

eachStore('key rotation', (subject) => {
  // One clock for all tests: a key retired in one stays retired in the next.
  const clock = new ManualClock()

  /** A process's keys on the store, with all earlier ones retired. */
  async function open(bits = 2048) {
    const { store } = subject
    clock.advance(1)
    const sealer = new Sealer(Buffer.alloc(32, 7))
    const keys = new SigningKeys({ store: store.signingKeys, sealer, clock, bits, tokenLifeMs })
    const rotation = new KeyRotation({
      store: store.signingKeys,
      sealer,
      shared: sharedAs(clock),
      origin: { surface: 'cli' },
      bits,
      publishMs,
    })
    await rotation.reset()
    await keys.load()
    return { keys, rotation }
  }
  const states = async (rotation: KeyRotation) => (await rotation.list()).map(({ state }) => state).filter((state) => state !== 'retired')

  test('[check 68] published, signing after the wait, verifying until its last token has expired, retired', async () => {
    const { keys, rotation } = await open()
    const old = keys.current()
    const next = await rotation.rotate(false)
    assert.deepEqual([next.state, next.activeAt], ['published', clock.now() + publishMs])
    await keys.load()
    assert.deepEqual(new Set(keys.publicJwks().map(({ kid }) => kid)), new Set([old.kid, next.kid]))
    clock.advance(publishMs - 1)
    assert.equal(keys.current().kid, old.kid)
    clock.advance(1)
    assert.equal(keys.current().kid, next.kid)
    assert.deepEqual(await states(rotation), ['verifying', 'signing'])

    clock.advance(tokenLifeMs)
    await rotation.keepSchedule(null)
    assert.deepEqual(await states(rotation), ['verifying', 'signing'], 'clocks differ')
    clock.advance(60_000)
    await rotation.keepSchedule(null)
    assert.deepEqual(await states(rotation), ['signing'])
    await keys.load()
    assert.equal(keys.find(old.kid), null)
    assert.deepEqual(
      keys.publicJwks().map(({ kid }) => kid),
      [next.kid],
    )
  })

  test('on schedule: the next key is published in time to sign when the old one is due, once', async () => {
    const { keys, rotation } = await open()
    const begun = keys.current().activeAt
    clock.advance(begun + 90 * day - publishMs - 1 - clock.now())
    await rotation.keepSchedule(90 * day)
    assert.deepEqual(await states(rotation), ['signing'])
    clock.advance(1)
    for (let round = 0; round < 3; round++) await rotation.keepSchedule(90 * day)
    assert.deepEqual(await states(rotation), ['signing', 'published'])
    assert.equal((await rotation.list()).at(-1)?.activeAt, begun + 90 * day)
    await rotation.keepSchedule(null)
    clock.advance(publishMs)
    assert.deepEqual(await states(rotation), ['verifying', 'signing'])
  })

  test('a server that was off when the key was due still publishes first', async () => {
    const { rotation } = await open()
    clock.advance(400 * day)
    await rotation.keepSchedule(90 * day)
    assert.equal((await rotation.list()).at(-1)?.activeAt, clock.now() + publishMs)
  })

  test('two processes at once create one key', async () => {
    const { rotation } = await open()
    const other = new KeyRotation({
      store: (await subject.another()).signingKeys,
      sealer: new Sealer(Buffer.alloc(32, 7)),
      shared: sharedAs(clock),
      origin: { surface: 'server' },
      bits: 2048,
      publishMs,
    })
    clock.advance(100 * day)
    await Promise.all([rotation.keepSchedule(90 * day), other.keepSchedule(90 * day), rotation.keepSchedule(90 * day)])
    assert.deepEqual(await states(rotation), ['signing', 'published'])
    clock.advance(publishMs + tokenLifeMs + 60_000)
    await Promise.all([rotation.keepSchedule(null), other.keepSchedule(null)])
    assert.deepEqual(await states(rotation), ['signing'])
  })

  test('what an operator may not do is refused with its reason', async () => {
    const { keys, rotation } = await open()
    const old = keys.current().kid
    await assert.rejects(rotation.retire(old, true), isConflict(/signs; another has to first/))
    const next = await rotation.rotate(false)
    await assert.rejects(rotation.rotate(false), isConflict(/published already/))
    await assert.rejects(rotation.retire(next.kid, false), isConflict(/published to sign/))
    clock.advance(publishMs)
    await assert.rejects(rotation.retire(old, false), isConflict(/live until .*--force/))
    await rotation.retire(old, true)
    await assert.rejects(rotation.retire(old, true), (error) => isGatewayError(error) && error.key === 'not_found')
    await assert.rejects(rotation.retire('nothing', true), (error) => isGatewayError(error) && error.key === 'not_found')
  })

  test('[check 87] a key that has meanwhile become the signing key is not retired', async () => {
    const { keys, rotation } = await open()
    const old = keys.current().kid
    const next = await rotation.rotate(false)
    clock.advance(publishMs + tokenLifeMs + 60_000)
    const { signingKeys } = subject.store
    // Another process's change between the first look at the keys and the write.
    const overtaken: typeof signingKeys = {
      ...signingKeys,
      retire: async (...words) => {
        await rotation.rotate(true)
        clock.advance(2_000)
        await rotation.retire(next.kid, true)
        return await signingKeys.retire(...words)
      },
    }
    const late = new KeyRotation({
      store: overtaken,
      sealer: new Sealer(Buffer.alloc(32, 7)),
      shared: sharedAs(clock),
      origin: { surface: 'cli' },
      bits: 2048,
      publishMs,
    })
    await assert.rejects(late.retire(old, false), isConflict(/another has to first/))
  })

  test('an urgent key signs within seconds, beside a waiting one', async () => {
    const { keys, rotation } = await open()
    const waiting = await rotation.rotate(false)
    const urgent = await rotation.rotate(true)
    await keys.load()
    clock.advance(2_000)
    assert.equal(keys.current().kid, urgent.kid)
    clock.advance(publishMs)
    assert.equal(keys.current().kid, waiting.kid)
  })

  test('[check 79] a reset leaves one key and begins an epoch; rotation continues in it', async () => {
    const { keys, rotation } = await open()
    const before = keys.current()
    await rotation.rotate(false)
    const after = await rotation.reset()
    await keys.load()
    assert.deepEqual(await states(rotation), ['signing'])
    assert.deepEqual([keys.current().kid, keys.find(before.kid)], [after.kid, null])
    assert.notEqual(after.epoch, before.epoch)
    const next = await rotation.rotate(false)
    assert.equal(next.epoch, after.epoch)
    clock.advance(publishMs)
    const [event] = await subject.store.events.list({ kind: 'signing-key.reset', limit: 1 })
    assert.equal(event?.subject, after.kid)
  })

  test('[check 23] 3072 bits by setting, exponent 65537, and no private part in what is published', async () => {
    const { keys } = await open(3072)
    for (const jwk of keys.publicJwks()) {
      assert.deepEqual(Object.keys(jwk).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use'])
      const details = createPublicKey({ key: { ...jwk }, format: 'jwk' }).asymmetricKeyDetails
      assert.deepEqual([details?.modulusLength, details?.publicExponent], [3072, 65_537n])
    }
  })
})

function isConflict(message: RegExp) {
  return (error: unknown) => isGatewayError(error) && error.key === 'conflict' && message.test(error.details.message ?? '')
}
