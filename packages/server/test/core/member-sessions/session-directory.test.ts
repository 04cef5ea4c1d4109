import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sealer } from '../../../src/core/base/sealer.ts'
import { CatalogueDirectory } from '../../../src/core/catalogue/catalogue-directory.ts'
import { SessionDirectory } from '../../../src/core/member-sessions/session-directory.ts'
import { MerchantDirectory } from '../../../src/core/merchants/merchant-directory.ts'
import { sampleEvent, sampleKey, sampleLogin, sampleMember, sampleMerchant, start, uniqueName } from '../../store/samples.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { eachStore } from '../../support/stores.ts'

eachStore('sessions in memory', (subject) => {
  /** A directory, sessions in the store, and a log of its reads. `between` runs between the reads of session and member. */
  async function open(
    between: (directory: SessionDirectory, agentId: string) => unknown = () => {},
    { tokens = ['one', 'two', 'three'], sessionsMax = 2 } = {},
  ) {
    const { store } = subject
    const sealer = new Sealer(new Uint8Array(32))
    const agentId = uniqueName('agent')
    const sealed = sealer.seal(Buffer.from('key'), `merchant-key:${agentId}:key1`)
    await store.merchants.add(sampleMerchant(agentId), sampleKey(agentId, 'key1', { sealed }), sampleEvent())
    await store.members.create(sampleMember(agentId, 'uid001'), null, sampleEvent())
    const logins = tokens.map((token) => sampleLogin({ agentId, userId: 'uid001', token }))
    await store.memberSessions.login(logins)
    const merchants = new MerchantDirectory({ store: store.merchants, sealer })
    await merchants.reload([agentId])
    const read: string[] = []
    const names = new Map(logins.map(({ tokenHash }, index) => [Buffer.from(tokenHash).toString('hex'), tokens[index] ?? '']))
    const directory: SessionDirectory = new SessionDirectory({
      sessions: {
        find: async (tokenHash) => {
          read.push(names.get(Buffer.from(tokenHash).toString('hex')) ?? 'unknown')
          const session = await store.memberSessions.find(tokenHash)
          await between(directory, agentId)
          return session
        },
      },
      members: store.members,
      merchants,
      catalogue: new CatalogueDirectory({ store: store.catalogue }),
      clock: new ManualClock(start),
      sessionsMax,
    })
    const ask = async (...which: number[]) => {
      for (const n of which) assert.equal((await directory.find(logins[n]?.tokenHash ?? new Uint8Array(16))).state, 'live')
    }
    return { directory, merchants, agentId, ask, read, tokenHash: logins[0]?.tokenHash ?? assert.fail(), logins }
  }

  test('the cache is bounded; what is used again stays', async () => {
    const { ask, read } = await open()
    await ask(0, 1, 0, 1)
    assert.deepEqual(read, ['one', 'two'])
    await ask(2)
    // All were used: the first one was evicted, and the marks reset.
    await ask(1, 2, 1, 2)
    assert.deepEqual(read, ['one', 'two', 'three'])
    await ask(0)
    assert.deepEqual(read, ['one', 'two', 'three', 'one'])
    await ask(0, 2, 0, 2)
    assert.deepEqual(read, ['one', 'two', 'three', 'one'])
  })

  test('where there is no room, a sixteenth leaves at once', async () => {
    const tokens = Array.from({ length: 33 }, (_, n) => `t${n}`)
    const { ask, read } = await open(undefined, { tokens, sessionsMax: 32 })
    await ask(...tokens.keys())
    assert.deepEqual(read, tokens)
    await ask(3, 32)
    assert.equal(read.length, 33)
    await ask(0, 2)
    assert.deepEqual(read.slice(33), ['t0', 't2'])
  })

  test('a changed session and a changed member are read again', async () => {
    const { directory, agentId, ask, read } = await open()
    await ask(0, 1)
    await directory.forgetMembers([`${agentId}:uid001`])
    await ask(0, 0)
    assert.deepEqual(read, ['one', 'two', 'one'])
    await directory.forgetSessions(['*'])
    await ask(0)
    assert.deepEqual(read, ['one', 'two', 'one', 'one'])
  })

  test('[check 20] after one session of a member is forgotten, a change of the member still reaches the others', async () => {
    const { directory, agentId, ask, read, logins } = await open()
    await ask(0, 1)
    await directory.forgetSessions([Buffer.from(logins[0]?.tokenHash ?? assert.fail()).toString('hex')])
    await directory.forgetMembers([`${agentId}:uid001`])
    await ask(1)
    assert.deepEqual(read, ['one', 'two', 'two'])
  })

  test('a remembered session is over as soon as its merchant is known to be disabled', async () => {
    const { directory, merchants, agentId, ask, read, tokenHash } = await open()
    await ask(0)
    const merchant = (await subject.store.merchants.load([agentId]))[0] ?? assert.fail()
    const disabled = { ...merchant, status: 'disabled', updatedAt: start + 1 } as const
    assert.equal(await subject.store.merchants.update(disabled, merchant.updatedAt, sampleEvent()), 'updated')
    await merchants.reload([agentId])
    assert.deepEqual(await directory.find(tokenHash), { state: 'over' })
    assert.deepEqual(read, ['one'])
  })

  test('[check 20] a member locked or erased between the two reads is not admitted', async () => {
    const { members } = subject.store
    const lock = (_directory: SessionDirectory, agentId: string) =>
      members.setStatus({ agentId, userId: 'uid001', status: 'LockAll', now: start + 1 }, null, sampleEvent())
    const erase = (_directory: SessionDirectory, agentId: string) =>
      members.erase({ agentId, userId: 'uid001', now: start + 1 }, sampleEvent())
    for (const act of [lock, erase]) {
      const { directory, tokenHash } = await open(act)
      assert.deepEqual(await directory.find(tokenHash), { state: 'over' })
    }
  })

  test('a change between the two reads is answered once and not cached', async () => {
    const heard: ((directory: SessionDirectory, agentId: string) => Promise<void>)[] = [
      (directory) => directory.forgetSessions(['00']),
      (directory, agentId) => directory.forgetMembers([`${agentId}:uid001`]),
    ]
    for (const hear of heard) {
      const { ask, read } = await open(hear)
      await ask(0, 0)
      assert.deepEqual(read, ['one', 'one'])
    }
  })
})
