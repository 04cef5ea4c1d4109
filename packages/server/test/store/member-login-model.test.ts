import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MemberStatus } from '@lobbykey/contract'
import fc from 'fast-check'
import type { LoginWrite, Store } from '../../src/store/store.ts'
import { eachStore } from '../support/stores.ts'
import { addMerchant, sampleEvent, sampleLogin, start } from './samples.ts'

const users = ['uid001', 'uid002', 'uid003'] as const
const lifeMs = 100

/** A login of a small world in which everything collides. A signature covers user and token, like a real one. */
interface Attempt {
  readonly user: (typeof users)[number] | 'nobody'
  readonly token: string
  readonly variant: number
  readonly unsigned: string
}

type Step =
  | { readonly kind: 'logins'; readonly attempts: readonly Attempt[] }
  | { readonly kind: 'status'; readonly user: string; readonly status: MemberStatus }
  | { readonly kind: 'end'; readonly user: string }
  | { readonly kind: 'wait'; readonly ms: number }

const attempt: fc.Arbitrary<Attempt> = fc.record({
  user: fc.constantFrom(...users, 'nobody' as const),
  token: fc.constantFrom('a', 'b', 'c', 'd'),
  variant: fc.nat(1),
  unsigned: fc.constantFrom('', '', 'x'),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('logins' as const),
      // No two share a token, and so no two share a signature, as the store requires.
      attempts: fc.uniqueArray(attempt, { minLength: 1, maxLength: 4, selector: ({ token }) => token }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('status' as const),
      user: fc.constantFrom(...users),
      status: fc.constantFrom('Active' as const, 'LockBet' as const, 'LockAll' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), user: fc.constantFrom(...users) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 50, 100) }) },
)

eachStore('member login in batches', (subject) => {
  test('gives the same results and rows as one login at a time, and as a plain model of the contract', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
        const model = new Model()
        const expected = steps.map((one) => model.play(one))
        const batched = await play(subject.store, steps, (store, logins) => store.memberSessions.login(logins))
        const single = await play(subject.store, steps, async (store, logins) => {
          const outcomes = []
          for (const login of logins) outcomes.push(...(await store.memberSessions.login([login])))
          return outcomes
        })
        assert.deepEqual(batched.outcomes, expected)
        assert.deepEqual(single.outcomes, expected)
        assert.deepEqual(batched.sessions, model.sessions())
        assert.deepEqual(single.sessions, model.sessions())
      }),
      { numRuns: 25 },
    )
  })
})

async function play(store: Store, steps: readonly Step[], login: (store: Store, logins: LoginWrite[]) => Promise<string[]>) {
  const agentId = await addMerchant(store, ...users)
  let now = start
  const outcomes = []
  for (const one of steps) {
    if (one.kind === 'logins')
      outcomes.push(
        await login(
          store,
          one.attempts.map((it) => toLogin(agentId, it, now)),
        ),
      )
    else outcomes.push([])
    if (one.kind === 'status') await store.members.setStatus({ agentId, userId: one.user, status: one.status, now }, null, sampleEvent())
    if (one.kind === 'end')
      await store.memberSessions.endByMember({ agentId, userId: one.user, reason: 'logout', now }, null, sampleEvent())
    if (one.kind === 'wait') now += one.ms
  }
  const sessions: Record<string, unknown> = {}
  for (const token of ['a', 'b', 'c', 'd']) {
    const session = await store.memberSessions.find(toLogin(agentId, { user: 'nobody', token, variant: 0, unsigned: '' }, now).tokenHash)
    if (session !== null) sessions[token] = pick(session)
  }
  return { outcomes, sessions }
}

function toLogin(agentId: string, { user, token, variant, unsigned }: Attempt, now: number): LoginWrite {
  const signature = `${agentId} ${user} ${token} ${variant}`
  return sampleLogin({ agentId, userId: user, token, signature, unsigned, now, lifeMs, gameCode: `${variant}${unsigned}` })
}

interface ModelSession {
  userId: string
  gameCode: string | null
  createdAt: number
  expiresAt: number
  endedAt: number | null
}

function pick({ userId, gameCode, createdAt, expiresAt, endedAt }: ModelSession): ModelSession {
  return { userId, gameCode, createdAt, expiresAt, endedAt }
}

/** member-login.md, "Sessions and replay", without a database. */
class Model {
  #now = start
  readonly #statuses = new Map<string, MemberStatus>(users.map((user) => [user, 'Active']))
  readonly #requests = new Map<string, { unsigned: string; session: ModelSession }>()
  readonly #sessions = new Map<string, ModelSession>()

  play(one: Step): string[] {
    if (one.kind === 'logins') return one.attempts.map((it) => this.#login(it))
    if (one.kind === 'wait') this.#now += one.ms
    if (one.kind === 'status') this.#statuses.set(one.user, one.status)
    if (one.kind === 'end' || (one.kind === 'status' && one.status === 'LockAll')) this.#end(one.user)
    return []
  }

  sessions(): Record<string, ModelSession> {
    return Object.fromEntries([...this.#sessions].map(([token, session]) => [token, pick(session)]).toSorted())
  }

  #login({ user, token, variant, unsigned }: Attempt): string {
    const status = this.#statuses.get(user)
    if (status === undefined) return 'member-not-found'
    if (status === 'LockAll') return 'member_locked'
    const held = this.#sessions.get(token)
    const live = held !== undefined && held.expiresAt > this.#now ? held : undefined
    const isOwn = live !== undefined && live.userId === user && live.endedAt === null
    const signature = `${user} ${token} ${variant}`
    const earlier = this.#requests.get(signature)
    if (earlier !== undefined) return earlier.unsigned === unsigned && isOwn && earlier.session === live ? 'repeated' : 'refused'
    if (live !== undefined && !isOwn) return 'refused'
    const session = live ?? { userId: user, gameCode: null, createdAt: this.#now, expiresAt: 0, endedAt: null }
    Object.assign(session, { gameCode: `${variant}${unsigned}`, expiresAt: this.#now + lifeMs })
    this.#sessions.set(token, session)
    this.#requests.set(signature, { unsigned, session })
    return 'accepted'
  }

  #end(user: string): void {
    for (const session of this.#sessions.values()) {
      if (session.userId === user && session.endedAt === null && session.expiresAt > this.#now) session.endedAt = this.#now
    }
  }
}
