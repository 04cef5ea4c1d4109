import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { memberLock, memberLogin, type SignedCall } from '@lobbykey/contract'
import { hashTicket } from '../../src/core/members/lobby-ticket.ts'
import { openStore, type SqlStore } from '../../src/store/open-store.ts'
import type { SessionPolicy } from '../../src/store/store.ts'
import { startTestGateway } from '../support/gateway.ts'
import { ServerProcess } from '../support/server-process.ts'
import { type Body, loginBody, signed } from '../support/signed-body.ts'
import { testStores } from '../support/stores.ts'

const races = 1_000
const loginsAtOnce = 4

/** Two server processes on one store, and direct access to that store. */
class TwoNodes {
  readonly store: SqlStore
  readonly #nodes: readonly ServerProcess[]

  private constructor(nodes: readonly ServerProcess[], store: SqlStore) {
    this.#nodes = nodes
    this.store = store
  }

  static async start(url: string): Promise<TwoNodes> {
    const env = {
      DATABASE_URL: url,
      MASTER_KEY: randomBytes(32).toString('base64'),
      LOG_LEVEL: 'fatal',
      RATE_PER_MERCHANT: '0',
      RATE_PER_ADDRESS: '0',
    }
    const nodes = [await ServerProcess.start(['sandbox'], env), await ServerProcess.start(['sandbox'], env)]
    return new TwoNodes(nodes, await openStore({ url }))
  }

  async send(node: number, call: SignedCall, body: Body): Promise<{ code: number; data: { url?: string } }> {
    const answer = await fetch(`${this.#nodes[node % 2]?.origin}${call.path}`, {
      method: call.method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(signed(body, { call })),
    })
    return (await answer.json()) as { code: number; data: { url?: string } }
  }

  login(node: number): Promise<{ code: number; data: { url?: string } }> {
    return this.send(node, memberLogin, loginBody(Date.now(), { token: randomBytes(12).toString('base64url') }))
  }

  async lock(node: number, status: string): Promise<void> {
    // Of two calls signed in the same millisecond, the second would be a repeat of the first.
    const body = { agent_id: 'agent001', user_id: 'uid001', status, timestamp: Math.max(Date.now(), this.#lockedAt + 1) }
    this.#lockedAt = body.timestamp
    assert.equal((await this.send(node, memberLock, body)).code, 200)
  }

  #lockedAt = 0

  async liveCount(): Promise<number> {
    return (await this.store.memberSessions.listLive('agent001', 'uid001', Date.now())).length
  }

  /** Like the command line; waits until every process knows the change. */
  async setPolicy(settings: { sessions?: SessionPolicy; launch?: 'token' | 'ticket' }): Promise<void> {
    const [merchant] = await this.store.merchants.load(['agent001'])
    assert.ok(merchant)
    const now = Date.now()
    const next = { agentId: 'agent001', status: merchant.status, settings: { ...merchant.settings, ...settings }, updatedAt: now }
    await this.store.merchants.update(next, merchant.updatedAt, { at: now, kind: 'merchant.updated', surface: 'cli', agentId: 'agent001' })
    await new Promise((resolve) => setTimeout(resolve, 1_100))
  }

  async stop(): Promise<void> {
    await this.store.close()
    for (const node of this.#nodes) await node.stop()
  }
}

/** Waits this many turns of the event loop, to shift the contenders of a race against each other. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

for (const kind of testStores()) {
  for (const sessions of ['many', 'newest-wins'] as const) {
    test(`[check 20] K15 ${races} races of logins with LockAll over two nodes, sessions ${sessions} (${kind.name})`, async (t) => {
      const { url, drop } = await kind.create()
      const nodes = await TwoNodes.start(url)
      await nodes.setPolicy({ sessions })
      // Answers of two nodes may cross: then the login was first, and the lock ended its session.
      const seen = { accepted: 0, refused: 0, sentAfterAccepted: 0, crossed: 0, survivors: 0 }
      for (let race = 0; race < races; race++) {
        await nodes.lock(race, 'Active')
        let isLocked = false
        const logins = Array.from({ length: loginsAtOnce }, async (_, n) => {
          // Spread over the duration of a lock.
          await turns((race * n) % 7)
          const wasLocked = isLocked
          const { code } = await nodes.login(n)
          assert.ok(code === 200 || code === 700108, String(code))
          if (code !== 200) seen.refused++
          else {
            seen.accepted++
            if (wasLocked) seen.sentAfterAccepted++
            else if (isLocked) seen.crossed++
          }
        })
        const lock = nodes.lock(race + 1, 'LockAll').then(() => {
          isLocked = true
        })
        await lock
        seen.survivors += await nodes.liveCount()
        await Promise.all(logins)
        seen.survivors += await nodes.liveCount()
      }
      t.diagnostic(JSON.stringify(seen))
      assert.deepEqual([seen.sentAfterAccepted, seen.survivors], [0, 0])
      assert.ok(seen.accepted > 0 && seen.refused > 0)
      await nodes.stop()
      await drop()
    })
  }

  test(`[check 20] ${races} races of logins with LockAll in one process: no login is acknowledged after the lock (${kind.name})`, async (t) => {
    const gateway = await startTestGateway({ storeKind: kind })
    const send = async (call: SignedCall, body: Body) => ((await gateway.post(call.path, signed(body, { call }))).json as Body).code
    const lock = (status: string) => {
      gateway.clock.advance(1)
      return send(memberLock, { agent_id: 'agent001', user_id: 'uid001', status, timestamp: gateway.clock.now() })
    }
    const seen = { accepted: 0, refused: 0, acknowledgedAfter: 0, survivors: 0 }
    for (let race = 0; race < races; race++) {
      assert.equal(await lock('Active'), 200)
      let isLocked = false
      const logins = Array.from({ length: loginsAtOnce }, async (_, n) => {
        await turns((race * n) % 7)
        const code = await send(memberLogin, loginBody(gateway.clock.now()))
        if (code === 200) seen.accepted++
        else seen.refused++
        if (code === 200 && isLocked) seen.acknowledgedAfter++
      })
      await turns(race % 11)
      assert.equal(await lock('LockAll'), 200)
      isLocked = true
      await Promise.all(logins)
      seen.survivors += (await gateway.store.memberSessions.listLive('agent001', 'uid001', gateway.clock.now())).length
    }
    t.diagnostic(JSON.stringify(seen))
    assert.deepEqual([seen.acknowledgedAfter, seen.survivors], [0, 0])
    assert.ok(seen.accepted > 0 && seen.refused > 0)
    await gateway.close()
  })

  test(`[check 25] 200 tickets, each redeemed by 50 callers at once over two stores: one wins (${kind.name})`, async () => {
    const { url, drop } = await kind.create()
    const nodes = await TwoNodes.start(url)
    await nodes.setPolicy({ launch: 'ticket' })
    const other = await openStore({ url })
    for (let round = 0; round < 200; round++) {
      const { data } = await nodes.login(round)
      const ticket = hashTicket(new URL(data.url ?? '').searchParams.get('token') ?? '')
      const won = await Promise.all(
        Array.from({ length: 50 }, (_, n) => (n % 2 ? nodes.store : other).memberSessions.redeemTicket('agent001', ticket, Date.now())),
      )
      assert.equal(won.filter((session) => session !== null).length, 1)
    }
    await other.close()
    await nodes.stop()
    await drop()
  })

  for (const sessions of ['newest-wins', 'refuse'] as const) {
    test(`K15 200 rounds of ${2 * loginsAtOnce} concurrent logins of one member over two nodes, sessions ${sessions}: one session lives (${kind.name})`, async () => {
      const { url, drop } = await kind.create()
      const nodes = await TwoNodes.start(url)
      await nodes.setPolicy({ sessions })
      for (let round = 0; round < 200; round++) {
        const codes = (await Promise.all(Array.from({ length: 2 * loginsAtOnce }, (_, n) => nodes.login(n)))).map(({ code }) => code)
        assert.ok(codes.every((code) => code === 200 || code === 700106))
        assert.equal(await nodes.liveCount(), 1)
        const accepted = codes.filter((code) => code === 200).length
        assert.equal(accepted, sessions === 'newest-wins' ? codes.length : round === 0 ? 1 : 0)
      }
      await nodes.stop()
      await drop()
    })
  }
}
