import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoginOutcome, LoginTerms, LoginWrite, Store } from '../../src/store/store.ts'
import { eachStore } from '../support/stores.ts'
import { addMerchant, digest, type LoginSample, sampleEvent, sampleLogin, start, uniqueName } from './samples.ts'

const newestWins = { sessions: 'newest-wins', ticket: null } as const
const refuse = { sessions: 'refuse', ticket: null } as const

function underTerms(terms: LoginTerms, sample: LoginSample): LoginWrite {
  return { ...sampleLogin(sample), terms }
}

function ticketTerms(text: string, expiresAt = start + 60_000): LoginTerms {
  return { sessions: 'many', ticket: { hash: digest(text), expiresAt } }
}

async function login(store: Store, write: LoginWrite): Promise<LoginOutcome> {
  for (;;) {
    const [outcome = 'retry'] = await store.memberSessions.login([write])
    if (outcome !== 'retry') return outcome
  }
}

eachStore('one session a member', (subject) => {
  test('newest wins: older sessions end as replaced, each with a change and an event', async () => {
    const { memberSessions, changes, events } = subject.store
    const agentId = await addMerchant(subject.store, 'uid001', 'uid002')
    const [one, two, other] = [
      sampleLogin({ agentId, userId: 'uid001', token: 'one' }),
      sampleLogin({ agentId, userId: 'uid001', token: 'two' }),
      sampleLogin({ agentId, userId: 'uid002', token: 'other' }),
    ]
    await memberSessions.login([one, two, other])
    const seq = await changes.latestSeq()
    const three = underTerms(newestWins, { agentId, userId: 'uid001', token: 'three', now: start + 5 })
    assert.equal(await login(subject.store, three), 'accepted')
    assert.deepEqual(
      (await memberSessions.listLive(agentId, 'uid001', start + 5)).map(({ tokenHash }) => hex(tokenHash)),
      [hex(three.tokenHash)],
    )
    const ended = await memberSessions.findMany([one.tokenHash, two.tokenHash])
    assert.deepEqual(
      ended.map(({ endedAt, endReason }) => [endedAt, endReason]),
      [
        [start + 5, 'replaced'],
        [start + 5, 'replaced'],
      ],
    )
    assert.deepEqual(
      (await changes.since(seq, 10)).map(({ topic, subject: about }) => `${topic} ${about}`).toSorted(),
      [one, two].map(({ tokenHash }) => `member-session ${hex(tokenHash)}`).toSorted(),
    )
    assert.equal((await events.list({ kind: 'member.session_replaced', agentId, limit: 10 })).length, 2)
    assert.equal((await memberSessions.listLive(agentId, 'uid002', start + 5)).length, 1)
  })

  test('newest wins: a renewal keeps its session, a repeat has no further effect, the replaced one stays refused', async () => {
    const agentId = await addMerchant(subject.store, 'uid001')
    const first = underTerms(newestWins, { agentId, userId: 'uid001', token: 'one', signature: uniqueName('first') })
    const second = underTerms(newestWins, { agentId, userId: 'uid001', token: 'two' })
    assert.equal(await login(subject.store, first), 'accepted')
    assert.equal(await login(subject.store, first), 'repeated')
    assert.equal(await login(subject.store, second), 'accepted')
    assert.equal(await login(subject.store, second), 'repeated')
    assert.equal(await login(subject.store, first), 'refused')
    assert.equal(await login(subject.store, underTerms(newestWins, { agentId, userId: 'uid001', token: 'one' })), 'refused')
    assert.equal(await login(subject.store, underTerms(newestWins, { agentId, userId: 'uid001', token: 'two' })), 'accepted')
    assert.equal((await subject.store.memberSessions.listLive(agentId, 'uid001', start)).length, 1)
  })

  test('refuse: while one lives, another is refused, but not its own renewal or repeat; after its end or expiry it is accepted', async () => {
    const { memberSessions } = subject.store
    const agentId = await addMerchant(subject.store, 'uid001')
    const first = underTerms(refuse, { agentId, userId: 'uid001', token: 'one', lifeMs: 1_000 })
    const second = underTerms(refuse, { agentId, userId: 'uid001', token: 'two' })
    assert.equal(await login(subject.store, first), 'accepted')
    assert.equal(await login(subject.store, second), 'refused')
    assert.equal(await login(subject.store, first), 'repeated')
    assert.equal(await login(subject.store, underTerms(refuse, { agentId, userId: 'uid001', token: 'one', lifeMs: 1_000 })), 'accepted')
    assert.equal(await login(subject.store, { ...second, now: start + 1_000 }), 'accepted')
    await memberSessions.endByMember({ agentId, userId: 'uid001', reason: 'logout', now: start + 1_001 }, null, sampleEvent())
    assert.equal(
      await login(subject.store, underTerms(refuse, { agentId, userId: 'uid001', token: 'three', now: start + 1_002 })),
      'accepted',
    )
  })

  test('unknown and locked members are answered as usual, a batch in order', async () => {
    const agentId = await addMerchant(subject.store, 'uid001', 'uid002', 'locked')
    await subject.store.members.setStatus({ agentId, userId: 'locked', status: 'LockAll', now: start }, null, sampleEvent())
    await login(subject.store, sampleLogin({ agentId, userId: 'uid001', token: 'held' }))
    const batch = [
      underTerms(refuse, { agentId, userId: 'uid001', token: 'one' }),
      underTerms(refuse, { agentId, userId: 'nobody', token: 'two' }),
      underTerms(newestWins, { agentId, userId: 'locked', token: 'three' }),
      underTerms(ticketTerms('order'), { agentId, userId: 'uid002', token: 'four' }),
    ]
    assert.deepEqual(await subject.store.memberSessions.login(batch), ['refused', 'member-not-found', 'member_locked', 'accepted'])
    assert.deepEqual(await subject.store.memberSessions.login(batch.slice(0, 1)), ['refused'])
  })

  test('8 logins of one member at once over two nodes: newest wins leaves one session, refuse accepts one', async () => {
    // One after the other on SQLite, each with its commit: on a disk that takes long, twenty would not all come to it in the three seconds that a call may take.
    const stores = [subject.store, await subject.another()]
    for (let round = 0; round < 3; round++) {
      for (const terms of [newestWins, refuse]) {
        const agentId = await addMerchant(subject.store, 'uid001')
        const outcomes = await Promise.all(
          Array.from({ length: 8 }, (_, n) =>
            login(stores[n % 2] ?? subject.store, underTerms(terms, { agentId, userId: 'uid001', token: `token ${n}` })),
          ),
        )
        assert.equal(outcomes.filter((outcome) => outcome === 'accepted').length, terms === refuse ? 1 : 8)
        assert.equal((await subject.store.memberSessions.listLive(agentId, 'uid001', start)).length, 1)
      }
    }
  })

  test('logins that replace each other, racing LockAll and kicks: none lives once the lock is acknowledged', async () => {
    const stores = [subject.store, await subject.another()]
    for (let round = 0; round < 5; round++) {
      const agentId = await addMerchant(subject.store, 'uid001', 'uid002')
      const logins = async (lane: number) => {
        for (let n = 0; n < 5; n++) {
          const outcome = await login(
            stores[lane % 2] ?? subject.store,
            underTerms(newestWins, { agentId, userId: 'uid001', token: `${lane} ${n}` }),
          )
          assert.ok(outcome === 'accepted' || outcome === 'member_locked', outcome)
        }
      }
      const kick = () => subject.store.memberSessions.endLive({ agentId }, { reason: 'kick', now: start, limit: 10 }, sampleEvent())
      const lock = () => subject.store.members.setStatus({ agentId, userId: 'uid001', status: 'LockAll', now: start }, null, sampleEvent())
      await Promise.all([logins(0), logins(1), kick(), lock()])
      assert.deepEqual(await subject.store.memberSessions.listLive(agentId, 'uid001', start), [])
    }
  })
})

eachStore('lobby tickets', (subject) => {
  const redeem = (agentId: string, text: string, now = start) => subject.store.memberSessions.redeemTicket(agentId, digest(text), now)

  test('[check 25] a ticket opens its session once, within its time, for its merchant', async () => {
    const agentId = await addMerchant(subject.store, 'uid001')
    const write = underTerms(ticketTerms('t1'), { agentId, userId: 'uid001', token: 'one' })
    assert.equal(await login(subject.store, write), 'accepted')
    assert.equal(await redeem(await addMerchant(subject.store), 't1'), null)
    assert.equal(await redeem(agentId, 'unknown'), null)
    assert.equal(await redeem(agentId, 't1', start + 60_000), null)
    const session = await redeem(agentId, 't1', start + 59_999)
    assert.deepEqual([session?.userId, session?.enteredAt], ['uid001', start + 59_999])
    assert.equal(await redeem(agentId, 't1', start + 59_999), null)
  })

  test('[check 25] a repeat gets a new ticket for the same session and voids the previous one', async () => {
    const agentId = await addMerchant(subject.store, 'uid001')
    const write = underTerms(ticketTerms('r1'), { agentId, userId: 'uid001', token: 'one' })
    assert.equal(await login(subject.store, write), 'accepted')
    assert.equal(await login(subject.store, { ...write, terms: ticketTerms('r2') }), 'repeated')
    assert.equal(await redeem(agentId, 'r1'), null)
    assert.ok(await redeem(agentId, 'r2'))
    assert.equal(await login(subject.store, { ...write, terms: ticketTerms('r3') }), 'repeated')
    assert.ok(await redeem(agentId, 'r3'))
    assert.equal((await subject.store.memberSessions.listLive(agentId, 'uid001', start)).length, 1)
  })

  test('[check 25] 50 redemptions at once over two nodes: one wins', async () => {
    const stores = [subject.store, await subject.another()]
    for (let round = 0; round < 5; round++) {
      const agentId = await addMerchant(subject.store, 'uid001')
      await login(subject.store, underTerms(ticketTerms(`race ${agentId}`), { agentId, userId: 'uid001', token: 'one' }))
      const sessions = await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          (stores[n % 2] ?? subject.store).memberSessions.redeemTicket(agentId, digest(`race ${agentId}`), start),
        ),
      )
      assert.equal(sessions.filter((session) => session !== null).length, 1)
    }
  })

  test('a ticket of an ended session opens nothing; the sweep removes unused tickets', async () => {
    const { memberSessions } = subject.store
    const agentId = await addMerchant(subject.store, 'uid001', 'uid002')
    await login(subject.store, underTerms(ticketTerms('ended'), { agentId, userId: 'uid001', token: 'one' }))
    await memberSessions.endByMember({ agentId, userId: 'uid001', reason: 'logout', now: start }, null, sampleEvent())
    assert.equal(await redeem(agentId, 'ended'), null)
    await login(subject.store, underTerms(ticketTerms('unused', start + 1_000), { agentId, userId: 'uid002', token: 'two' }))
    assert.equal(await subject.store.sweep(start + 999, 1_000), 0)
    assert.ok((await subject.store.sweep(start + 1_000, 1_000)) >= 1)
    assert.equal(await redeem(agentId, 'unused', start), null)
  })
})

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
