import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memberLock, memberLogin } from '@lobbykey/contract'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { type ClockOffError, ClockWatch } from '../../../src/core/records/clock-watch.ts'
import { makeSigningKey } from '../../../src/core/tokens/make-signing-key.ts'
import { startTestGateway, type TestGateway } from '../../support/gateway.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { codeOf, login } from '../../support/seller-calls.ts'
import { loginBody, signed } from '../../support/signed-body.ts'
import { sampleBody, sendBody } from '../../support/signed-calls.ts'
import { eachStore, testStores } from '../../support/stores.ts'

const minute = 60_000

for (const storeKind of testStores()) {
  /** Two processes on one store, whose clock is the first one's; the second one's differs by this much. */
  const withNodes = (title: string, differenceMs: number, run: (right: TestGateway, wrong: TestGateway) => Promise<void>) =>
    test(`${title} (${storeKind.name})`, async () => {
      const right = await startTestGateway({ storeKind })
      try {
        const wrong = await right.openSecondNode(new ManualClock(right.clock.now() + differenceMs))
        try {
          await run(right, wrong)
        } finally {
          await wrong.close()
        }
      } finally {
        await right.close()
      }
    })

  withNodes(
    '[check 84] K9 a node eleven minutes ahead deletes no evidence: a replayed unlock stays one',
    11 * minute,
    async (right, wrong) => {
      const lock = (status: string) => {
        right.clock.advance(1)
        wrong.clock.advance(1)
        return signed(sampleBody(memberLock, right.clock.now(), { status }), { call: memberLock })
      }
      const unlock = lock('Active')
      assert.equal((await right.post(memberLock.path, unlock)).status, 200)
      assert.equal((await right.post(memberLock.path, lock('LockAll'))).status, 200)
      await assert.rejects(wrong.sweep(), { name: 'ClockOffError' })
      await sendBody(right, memberLock, unlock)
      const answer = await right.post(memberLogin.path, signed(loginBody(right.clock.now())))
      assert.equal((answer.json as { code: number }).code, 700108, answer.text)
    },
  )

  withNodes('[check 84] K9 a node more than 30 s off is not ready, says by how much, and is ready again', 29_000, async (_right, wrong) => {
    const ready = async () => {
      await wrong.measureClock()
      const { status, json } = await wrong.request('GET', '/readyz')
      return [status, (json as { status: string }).status]
    }
    assert.deepEqual(await ready(), [200, 'ok'])
    wrong.clock.advance(1_001)
    assert.deepEqual(await ready(), [503, 'clock off'])
    wrong.clock.advance(-10_000)
    assert.deepEqual(await ready(), [200, 'ok'])
  })

  withNodes('[check 84] K9 a node so far behind that replays could pass judges no signed call', -2 * minute - 1, async (right, wrong) => {
    await wrong.measureClock()
    const body = signed(loginBody(right.clock.now()))
    assert.equal((await wrong.post(memberLogin.path, body)).status, 503)
    wrong.clock.advance(1)
    await wrong.measureClock()
    assert.equal((await wrong.post(memberLogin.path, body)).status, 200)
  })

  withNodes('[check 80] a replay row outlives its time by two minutes, for nodes that are behind', 0, async (right, wrong) => {
    const body = signed(loginBody(right.clock.now()))
    await right.post(memberLogin.path, body)
    const aged = 11 * minute + 2 * minute - 1
    for (const { clock } of [right, wrong]) clock.advance(aged)
    await wrong.sweep()
    assert.equal(await right.store.sweep(right.clock.now(), 10), 1, 'it was there')
  })

  withNodes('a node that is seconds behind serves seller logins with the first key', -5_000, async (_right, wrong) => {
    assert.equal(codeOf(await login(wrong)), '0000')
  })

  withNodes('a node that knows several keys, none of which signs yet, is away for the moment', 0, async (right, wrong) => {
    const now = right.clock.now()
    const sealer = new Sealer(right.settings.masterKey)
    const second = await makeSigningKey({ sealer, bits: 2048, now, activeAt: now, epoch: null })
    const event = { at: now, kind: 'signing-key.created', surface: 'server', subject: second.kid } as const
    assert.ok(await right.store.signingKeys.addNext(second, 1, event))
    await wrong.hearChanges()
    wrong.clock.advance(-5_000)
    const answer = await login(wrong)
    assert.deepEqual([answer.status, codeOf(answer)], [503, '10004'])
  })
}

eachStore('readClock', (subject) => {
  test('returns the current time', async () => {
    const before = Date.now()
    const now = await subject.store.readClock()
    // The tests' databases are on this machine.
    assert.ok(now >= before - 1 && now <= Date.now() + 1, `${now} is not from ${before} on`)
  })
})

test('the duration of an answer does not count as a clock difference', async () => {
  const clock = new ManualClock()
  const changes: [number, boolean][] = []
  let offsetMs = 0
  const shared = {
    read: async () => {
      const now = clock.now() + offsetMs
      clock.advance(20_000)
      return now
    },
  }
  const watch = new ClockWatch({ clock, shared, onChange: (...change) => changes.push(change) })
  await watch.read()
  offsetMs = -30_000
  await watch.read()
  offsetMs = -30_001
  await assert.rejects(watch.read(), ({ message }: ClockOffError) => message.includes('30 s ahead of'))
  offsetMs = 50_001
  await assert.rejects(watch.read(), ({ message }: ClockOffError) => message.includes('30 s behind'))
  offsetMs = 0
  await watch.read()
  assert.deepEqual(changes, [
    [30_001, true],
    [0, false],
  ])
})
