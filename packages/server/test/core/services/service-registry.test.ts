import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isGatewayError } from '@lobbykey/contract'
import { RateLimiter } from '../../../src/core/limits/rate-limiter.ts'
import { ServiceAdmin } from '../../../src/core/services/service-admin.ts'
import { ServiceAuthentication } from '../../../src/core/services/service-authentication.ts'
import { ServiceRegistry } from '../../../src/core/services/service-registry.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { eachStore } from '../../support/stores.ts'

eachStore('services', (subject) => {
  async function open() {
    const clock = new ManualClock()
    const registry = new ServiceRegistry({ store: subject.store.services, clock })
    await registry.reload(['*'])
    const admin = new ServiceAdmin({ store: subject.store.services, clock, origin: { surface: 'cli' } })
    return { clock, registry, admin }
  }

  test('a secret is shown once, stored as a hash, and opens its own service only', async () => {
    const { registry, admin } = await open()
    const [secret, other] = [await admin.add('billing'), await admin.add('orders')]
    await registry.reload(['billing', 'orders'])
    assert.match(secret, /^lks_[A-Za-z0-9_-]{43}$/)
    assert.deepEqual(registry.authenticate('billing', secret), { id: 'billing' })
    for (const [id, tried] of [
      ['billing', other],
      ['orders', secret],
      ['nobody', secret],
      ['Billing', secret],
      ['billing', `${secret} `],
      ['billing', ''],
      ['__proto__', secret],
    ] as const) {
      assert.equal(registry.authenticate(id, tried), null, id)
    }
    const record = await admin.get('billing')
    assert.equal(record.secretHash.length, 32)
    assert.ok(!Buffer.from(JSON.stringify(record)).includes(secret.slice(4)))
  })

  test('a rotated secret stays valid for the overlap, and only the previous one', async () => {
    const { clock, registry, admin } = await open()
    const first = await admin.add('rotating')
    const second = await admin.rotateSecret('rotating', 60)
    await registry.reload(['rotating'])
    assert.notEqual(registry.authenticate('rotating', first), null)
    assert.notEqual(registry.authenticate('rotating', second), null)
    clock.advance(59_999)
    assert.notEqual(registry.authenticate('rotating', first), null)
    clock.advance(1)
    assert.equal(registry.authenticate('rotating', first), null)

    const third = await admin.rotateSecret('rotating', 60)
    const fourth = await admin.rotateSecret('rotating', 0)
    await registry.reload(['rotating'])
    assert.deepEqual(
      [first, second, third, fourth].map((secret) => registry.authenticate('rotating', secret) !== null),
      [false, false, false, true],
    )
  })

  test('a disabled service is unknown; an enabled one is back; every change has its event and its change row', async () => {
    const { registry, admin } = await open()
    const before = await subject.store.changes.latestSeq()
    const secret = await admin.add('switched')
    await admin.setStatus('switched', 'disabled')
    await registry.reload(['switched'])
    assert.equal(registry.authenticate('switched', secret), null)
    assert.equal(registry.has('switched'), false)
    await admin.setStatus('switched', 'enabled')
    await registry.reload(['*'])
    assert.notEqual(registry.authenticate('switched', secret), null)
    const events = await subject.store.events.list({ subject: 'switched', limit: 10 })
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['service.enabled', 'service.disabled', 'service.added'],
    )
    const changes = await subject.store.changes.since(before, 10)
    assert.deepEqual(
      changes.map(({ topic, subject }) => `${topic} ${subject}`),
      ['service switched', 'service switched', 'service switched'],
    )
  })

  test('[check 81] a removal that is not reloaded yet is not undone when the store went back', async () => {
    const { clock, registry, admin } = await open()
    await admin.add('removed')
    await registry.reload(['removed'])
    await admin.remove('removed')
    await registry.writeAgain([{ topic: 'service', subject: 'removed', at: clock.now(), detail: 'removed' }])
    assert.deepEqual(await subject.store.services.load(['removed']), [])
  })

  test('names are valid and unique, and must exist to be changed', async () => {
    const { admin } = await open()
    await admin.add('unique')
    await assert.rejects(admin.add('unique'), isKey('already_exists'))
    for (const id of ['', 'a b', 'a:b', 'é', 'a'.repeat(65)]) await assert.rejects(admin.add(id), isKey('invalid_parameter'))
    await assert.rejects(admin.get('missing'), isKey('not_found'))
    await assert.rejects(admin.rotateSecret('missing', 0), isKey('not_found'))
    await assert.rejects(admin.setStatus('missing', 'disabled'), isKey('not_found'))
  })

  test('wrong secrets are limited by address and service; time lifts the limit', async () => {
    const { clock, registry, admin } = await open()
    const [secret, other] = [await admin.add('guessed'), await admin.add('neighbour')]
    await registry.reload(['*'])
    const gate = new ServiceAuthentication({ registry, limiter: new RateLimiter(), clock })
    const guess = () => outcome(() => gate.verify({ id: 'guessed', secret: 'wrong' }, '203.0.113.7'))
    const tries = await Promise.all(Array.from({ length: 100 }, guess))
    assert.equal(tries.filter((key) => key === 'service_credentials_invalid').length, 10)
    assert.equal(tries.at(-1), 'throttled')
    assert.equal(await outcome(() => gate.verify({ id: 'guessed', secret }, '203.0.113.7')), 'throttled')
    assert.equal(await outcome(() => gate.verify({ id: 'guessed', secret }, '203.0.113.8')), 'guessed')
    assert.equal(await outcome(() => gate.verify({ id: 'neighbour', secret: other }, '203.0.113.7')), 'neighbour')
    clock.advance(2_000)
    assert.equal(await outcome(() => gate.verify({ id: 'guessed', secret }, '203.0.113.7')), 'guessed')

    // Invented names share one counter, and a /64 is one address.
    const invented = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        outcome(() => gate.verify({ id: `made-up-${index}`, secret: 'wrong' }, `2001:db8::${index + 1}`)),
      ),
    )
    assert.equal(invented.filter((key) => key === 'service_credentials_invalid').length, 10)
  })
})

async function outcome(verify: () => Promise<{ id: string }>): Promise<string> {
  try {
    return (await verify()).id
  } catch (error) {
    if (!isGatewayError(error)) throw error
    return error.key
  }
}

function isKey(key: string) {
  return (error: unknown) => isGatewayError(error) && error.key === key
}
