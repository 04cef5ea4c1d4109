/**
 * A database that fails over under load: PostgreSQL with Patroni and etcd as deploy/postgres-ha configures them, two nodes, and HAProxy before the
 * nodes as in docs/operations.md.
 */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { memberLogin, memberLogout, type SellerTokens } from '@lobbykey/contract'
import { systemClock } from '../../src/core/base/clock.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openStore } from '../../src/store/open-store.ts'
import { startHaproxy } from '../support/haproxy.ts'
import {
  checkSession,
  type GameService,
  type HttpAnswer,
  Installation,
  isActive,
  type SendOptions,
  seller,
  send,
} from '../support/installation.ts'
import { LoginProbe } from '../support/login-probe.ts'
import { PatroniCluster } from '../support/patroni-cluster.ts'
import { authPath } from '../support/seller-calls.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { TimedLoad } from '../support/timed-load.ts'
import { until } from '../support/until.ts'

const skip = PatroniCluster.missing()
const database = 'lobbykey'
const clients = 50
/** While the old primary becomes a standby. */
const [clientsAfter, perSecondAfter] = [10, 20]
const quietMs = 5_000
const probeSeconds = 60
const endedCount = 10

const primaryDies = async (cluster: PatroniCluster) => {
  const primary = (await cluster.primary()) ?? assert.fail('no primary')
  await cluster.kill(primary)
  return async () => {
    cluster.boot(primary)
    await cluster.untilFollowed()
  }
}

/** Like a virtual machine that is paused, and goes on as if nothing had happened when another is the primary. */
const primaryFreezes = async (cluster: PatroniCluster) => {
  const primary = (await cluster.primary()) ?? assert.fail('no primary')
  cluster.freeze(primary)
  // Answers are still on their way.
  await delay(1_000)
  return async () => {
    cluster.wake(primary)
    await cluster.untilFollowed()
  }
}

const switchOver = async (cluster: PatroniCluster) => {
  await cluster.switchOver()
  return () => cluster.untilFollowed()
}

const faults = [
  { what: 'switchover, synchronous', isSynchronous: true, isDirect: false, begin: switchOver, gapMsMax: 10_000 },
  { what: 'switchover, asynchronous', isSynchronous: false, isDirect: false, begin: switchOver, gapMsMax: 10_000 },
  { what: 'kill -9 of the primary’s machine, synchronous', isSynchronous: true, isDirect: false, begin: primaryDies, gapMsMax: 30_000 },
  { what: 'kill -9 of the primary’s machine, asynchronous', isSynchronous: false, isDirect: false, begin: primaryDies, gapMsMax: 30_000 },
  { what: 'kill -9, synchronous, both servers in DATABASE_URL', isSynchronous: true, isDirect: true, begin: primaryDies, gapMsMax: 30_000 },
  {
    what: 'the primary’s machine freezes and wakes, synchronous',
    isSynchronous: true,
    isDirect: false,
    begin: primaryFreezes,
    gapMsMax: 40_000,
  },
  { what: 'the same, asynchronous', isSynchronous: false, isDirect: false, begin: primaryFreezes, gapMsMax: 40_000 },
  {
    what: 'the same, synchronous, both servers in DATABASE_URL',
    isSynchronous: true,
    isDirect: true,
    begin: primaryFreezes,
    gapMsMax: 40_000,
  },
]

for (const { what, isSynchronous, isDirect, begin, gapMsMax } of faults) {
  test(`[check 82] K6 Patroni: ${what}`, { skip }, async (t) => {
    const cluster = await PatroniCluster.start(t, isSynchronous)
    const { installation, nodes, origin } = await startNodes(t, cluster, isDirect)
    const ended = await EndedSessions.open(installation, nodes, 'before')
    const endedLater = await EndedSessions.open(installation, nodes, 'during')
    const load = new TimedLoad(installation, [origin], clients)
    await until(
      () => load.tokens.length > clients,
      () => 'logins',
    )
    load.measureFromHere()
    const probe = await LoginProbe.start(installation, [origin], probeSeconds)
    await delay(quietMs)
    await ended.end()
    const [faultAt, refusedBefore] = [probe.now(), load.unavailable]
    const mend = await begin(cluster)
    await load.untilSuccess()
    await delay(quietMs)
    const gapMs = longestGap(await probe.stop(), faultAt)
    await load.stop()
    const refused = load.unavailable - refusedBefore
    await endedLater.end()
    const after = new TimedLoad(installation, [origin], clientsAfter, perSecondAfter)
    await mend()
    await delay(quietMs)
    await after.stop()
    const accepted = (await ended.countAccepted()) + (await endedLater.countAccepted())
    const replayed = (await ended.countReplayed()) + (await endedLater.countReplayed())
    const lost = await installation.countLost([...load.tokens, ...after.tokens])
    const failed = after.unavailable + after.cut + after.unexpected.length
    t.diagnostic(
      `${what}: ${(gapMs / 1_000).toFixed(1)} s without a login, ${refused} answers 503 meanwhile, slowest answer ${Math.round(load.slowestMs)} ms (${load.slowestWas}), ` +
        `cut ${load.cut}, unexpected ${load.unexpected.length}, without Retry-After ${load.withoutRetryAfter}; ${load.tokens.length} acknowledged, lost ${lost}, ` +
        `revoked but accepted ${accepted} of ${ended.asked + endedLater.asked} asked, replay accepted ${replayed}; while the standby came back ${after.tokens.length} logins, ${failed} failed`,
    )
    assert.deepEqual([load.unexpected.slice(0, 3), load.withoutRetryAfter, load.cut, accepted, replayed, failed], [[], 0, 0, 0, 0, 0])
    if (isSynchronous) assert.equal(lost, 0)
    assert.ok(gapMs <= gapMsMax, `${gapMs} ms without a login`)
  })
}

/** Two nodes on the cluster's database, behind HAProxy. */
async function startNodes(t: TestContext, cluster: PatroniCluster, isDirect: boolean) {
  await cluster.addDatabase(database)
  const url = isDirect ? cluster.directUrlOf(database, database) : cluster.urlOf(database, database)
  const create = async () => {
    const store = await openStore({ url, poolSize: 1 })
    await migrate(store)
    await store.close()
    return { url, drop: async () => {} }
  }
  const installation = await Installation.create({ name: 'postgres', create }, { TRUSTED_PROXIES: '127.0.0.1' })
  const nodes: ServerProcess[] = []
  for (let n = 0; n < 2; n++) {
    const node = await installation.serve()
    t.after(() => node.stop('SIGKILL'))
    nodes.push(node)
  }
  const origin = await startHaproxy(
    t,
    nodes.map((node) => node.origin),
  )
  return { installation, nodes, origin }
}

/** The longest time without an acknowledged login from just before the fault on. */
function longestGap(successes: readonly number[], faultAt: number): number {
  const sorted = successes.toSorted((a, b) => a - b)
  const before = sorted.findLastIndex((at) => at < faultAt)
  return Math.max(...sorted.slice(before + 1).map((at, index) => at - (sorted[before + index] ?? 0)))
}

/** Sellers and a member who log out just before the fault, or during it; asks each node from then on whether it still accepts their sessions. */
class EndedSessions {
  asked = 0
  #accepted = 0
  readonly #installation: Installation
  readonly #nodes: readonly ServerProcess[]
  readonly #service: GameService
  readonly #user: string
  readonly #sellers: readonly SellerTokens[]
  readonly #logins: readonly Record<string, unknown>[]
  #watching: Promise<void> | null = null
  #isOver = false

  private constructor(
    installation: Installation,
    nodes: readonly ServerProcess[],
    service: GameService,
    user: string,
    sellers: readonly SellerTokens[],
    logins: readonly Record<string, unknown>[],
  ) {
    this.#installation = installation
    this.#nodes = nodes
    this.#service = service
    this.#user = user
    this.#sellers = sellers
    this.#logins = logins
  }

  /** @param name of a game server and a member of their own */
  static async open(installation: Installation, nodes: readonly ServerProcess[], name: string): Promise<EndedSessions> {
    const service = await installation.command<GameService>('service', 'add', name)
    await installation.command('member', 'add', 'acme', name)
    const [node] = nodes
    const sellers: SellerTokens[] = []
    const logins: Record<string, unknown>[] = []
    for (let n = 0; n < endedCount; n++) {
      sellers.push(((await send('POST', `${node?.origin}${authPath}/login`, { body: seller })).json as { data: SellerTokens }).data)
      const body = installation.loginBody('acme', 0, name)
      assert.equal(codeOf((await send('POST', `${node?.origin}/api/member/login`, { body })).json), 200)
      logins.push(body)
    }
    const ended = new EndedSessions(installation, nodes, service, name, sellers, logins)
    await until(
      async () => (await ended.#countAccepted()) === 2 * nodes.length * endedCount,
      () => 'the service to be known',
    )
    return ended
  }

  /** Ends all, through the first node, and watches from now on. */
  async end(): Promise<void> {
    for (const { accessToken } of this.#sellers) {
      // A 503 may have ended it: the token is refused then.
      assert.ok([200, 401].includes((await this.#send(`${authPath}/logout`, { headers: bearer(accessToken) })).status))
    }
    const body = this.#installation.signed(memberLogout, { agent_id: 'acme', user_id: this.#user, timestamp: systemClock.now() })
    assert.equal(codeOf((await this.#send(memberLogout.path, { body })).json), 200)
    this.#watching = this.#watch()
  }

  /** To the first node, and again where it asks for that. */
  async #send(path: string, options: SendOptions): Promise<HttpAnswer> {
    for (;;) {
      const answer = await send('POST', `${this.#nodes[0]?.origin}${path}`, options)
      if (answer.status !== 503) return answer
      await delay(250)
    }
  }

  /** How many answers accepted an ended session, since they ended. */
  async countAccepted(): Promise<number> {
    this.#isOver = true
    await this.#watching
    return this.#accepted + (await this.#countAccepted())
  }

  /** How many of the ended logins begin a session when they are sent again. */
  async countReplayed(): Promise<number> {
    let count = 0
    for (const { origin } of this.#nodes) {
      for (const body of this.#logins) if (codeOf((await send('POST', `${origin}${memberLogin.path}`, { body })).json) === 200) count++
    }
    return count
  }

  async #watch(): Promise<void> {
    // Within a second the other node knows.
    await delay(1_000)
    for (let turn = 0; !this.#isOver; turn++) {
      this.#accepted += await this.#countAccepted(turn % endedCount, 1)
      await delay(50)
    }
  }

  async #countAccepted(from = 0, count = endedCount): Promise<number> {
    let accepted = 0
    for (const { origin } of this.#nodes) {
      for (const { accessToken } of this.#sellers.slice(from, from + count)) {
        this.asked++
        if ((await send('GET', `${origin}${authPath}/me`, { headers: bearer(accessToken) })).status === 200) accepted++
      }
      for (const { token } of this.#logins.slice(from, from + count)) {
        this.asked++
        if (isActive(await checkSession(origin, this.#service, String(token)))) accepted++
      }
    }
    return accepted
  }
}

function codeOf(json: unknown): number {
  return (json as { code: number }).code
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}
