/**
 * A store that goes back: under two running nodes (a dump restored in its place, a promoted standby that lacks the last changes), and by the
 * documented procedure.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { renameSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { backup, DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { SellerTokens } from '@lobbykey/contract'
import { systemClock } from '../../src/core/base/clock.ts'
import { sqliteFileOf } from '../../src/store/database-url.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openStore } from '../../src/store/open-store.ts'
import { checkSession, type GameService, Installation, isActive, seller, send, userId } from '../support/installation.ts'
import { PostgresCluster, postgresPrograms } from '../support/postgres-cluster.ts'
import { authPath } from '../support/seller-calls.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { freePort } from '../support/server-process.ts'
import { type StoreSource, testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const database = 'lobbykey'
const sellerLogins = 20
const memberSessions = 180
/** How long a signed request is accepted with correct clocks, ms, and how much of that the logins of the lost window have left. */
const acceptedMs = 600_000
const lateMs = 10_000
const skip = postgresPrograms() === null ? 'PostgreSQL’s own programs are not installed' : false

test('[check 81] [check 79] K6 a dump restored under two nodes: what ended after it stays ended', { skip }, async (t) => {
  const cluster = await PostgresCluster.start()
  t.after(() => cluster.drop())
  const scene = await Scene.open(t, await kindOn(cluster, cluster.urlOf(database)))
  const dump = cluster.dump(database)
  await scene.endAll()
  await cluster.restore(database, dump)
  await scene.verify(t, 'restored dump')
})

test('[check 81] K6 a standby promoted that lacks 200 changes: what ended in them stays ended', { skip }, async (t) => {
  const primary = await PostgresCluster.start()
  t.after(() => primary.drop())
  await primary.query('postgres', `create database ${database}`)
  const standby = await primary.addStandby()
  t.after(() => standby.drop())
  const switchable = await Switch.open(t, primary.port)
  const scene = await Scene.open(t, await kindOn(primary, `postgres://lobbykey@127.0.0.1:${switchable.port}/${database}`))
  await until(
    async () => {
      const [row] = await primary.query<{ behind: string }>(
        'postgres',
        'select pg_current_wal_lsn() - replay_lsn as behind from pg_stat_replication',
      )
      return row?.behind === '0'
    },
    () => 'the standby',
  )
  await standby.stop()
  await scene.endAll()
  await primary.stop('immediate')
  await standby.restart()
  await standby.promote()
  switchable.turn(standby.port)
  await scene.verify(t, 'promoted standby')
})

test('[check 79] a backup restored by the procedure, PostgreSQL: nothing from before is accepted', { skip }, async (t) => {
  const cluster = await PostgresCluster.start()
  t.after(() => cluster.drop())
  const scene = await Scene.open(t, await kindOn(cluster, cluster.urlOf(database)))
  const dump = cluster.dump(database)
  await scene.endAll(acceptedMs - lateMs)
  await scene.restoreStopped(() => cluster.restore(database, dump))
  await scene.verify(t, 'restored by the procedure, PostgreSQL', 0)
})

test('[check 79] a backup restored by the procedure, SQLite: nothing from before is accepted', async (t) => {
  const [sqlite] = testStores()
  assert.ok(sqlite)
  const scene = await Scene.open(t, sqlite)
  const file = sqliteFileOf(scene.installation.env.DATABASE_URL ?? '') ?? ''
  const source = new DatabaseSync(file)
  await backup(source, `${file}.copy`)
  source.close()
  await scene.endAll(acceptedMs - lateMs)
  await scene.restoreStopped(async () => {
    for (const name of [`${file}-wal`, `${file}-shm`]) rmSync(name, { force: true })
    renameSync(`${file}.copy`, file)
  })
  await scene.verify(t, 'restored by the procedure, SQLite', 0)
})

/** A database of this cluster, under this URL. */
async function kindOn(cluster: PostgresCluster, url: string): Promise<StoreSource> {
  await cluster.query('postgres', `create database ${database}`).catch(() => {})
  const create = async () => {
    const store = await openStore({ url })
    await migrate(store)
    await store.close()
    return { url, drop: async () => {} }
  }
  return { name: 'postgres', create }
}

/** Two nodes with sellers and members logged in, and what the store shows of them. */
class Scene {
  readonly installation: Installation
  readonly nodes: ServerProcess[]
  readonly service: GameService
  readonly sellers: readonly SellerTokens[]
  readonly sessions: readonly string[]
  /** Bodies of logins that were accepted in the lost window. */
  readonly lateLogins: Record<string, unknown>[] = []

  private constructor(parts: Pick<Scene, 'installation' | 'nodes' | 'service' | 'sellers' | 'sessions'>) {
    this.installation = parts.installation
    this.nodes = parts.nodes
    this.service = parts.service
    this.sellers = parts.sellers
    this.sessions = parts.sessions
  }

  static async open(t: TestContext, storeKind: StoreSource): Promise<Scene> {
    const installation = await Installation.create(storeKind)
    await installation.addMerchant('other')
    const nodes = [await installation.serve(), await installation.serve()]
    t.after(async () => {
      for (const node of nodes) await node.stop('SIGKILL')
      await installation.drop()
    })
    const service = await installation.command<GameService>('service', 'add', 'tables')
    const sellers: SellerTokens[] = []
    for (let index = 0; index < sellerLogins; index++) {
      const { json } = await send('POST', `${originOf(nodes, index)}${authPath}/login`, { body: seller })
      sellers.push((json as { data: SellerTokens }).data)
    }
    const sessions: string[] = []
    for (let index = 0; index < memberSessions; index++) {
      const body = installation.loginBody()
      assert.equal(codeOf((await send('POST', `${originOf(nodes, index)}/api/member/login`, { body })).json), 200)
      sessions.push(String(body.token))
    }
    const scene = new Scene({ installation, nodes, service, sellers, sessions })
    await until(
      async () => (await scene.#count(scene.sessions, (node, token) => scene.#isActive(node, token))) === 2 * memberSessions,
      () => 'the service to be known',
    )
    return scene
  }

  /** Ends every login, disables a merchant, and waits until both nodes know. */
  async endAll(lateAgeMs = 0): Promise<void> {
    for (let index = 0; index < 20; index++) {
      const body = this.installation.loginBody('acme', lateAgeMs)
      assert.equal(codeOf((await send('POST', `${originOf(this.nodes, index)}/api/member/login`, { body })).json), 200)
      this.lateLogins.push(body)
    }
    for (const [index, { accessToken }] of this.sellers.entries()) {
      await send('POST', `${originOf(this.nodes, index)}${authPath}/logout`, { headers: bearer(accessToken) })
    }
    await this.installation.command('member', 'kick', 'acme', userId, '--wait', '0')
    await this.installation.command('merchant', 'disable', 'other')
    await until(
      async () => (await this.#accepted()) === 0,
      () => 'both nodes to hear',
    )
  }

  /** The procedure of docs/operations.md. In place of its twenty minutes, the logins of the lost window are made too old. */
  async restoreStopped(restore: () => Promise<void>): Promise<void> {
    for (const node of this.nodes.splice(0)) await node.stop()
    await restore()
    await this.installation.command('keys', 'reset', '--yes')
    await this.installation.command('member', 'kick', '--all', '--wait', '0')
    await this.installation.command('merchant', 'disable', 'other')
    const [last] = this.lateLogins.slice(-1)
    await until(
      () => systemClock.now() - Number(last?.timestamp) > acceptedMs,
      () => 'the last signed request to be too old',
    )
    this.nodes.push(await this.installation.serve(), await this.installation.serve())
  }

  /** @param events expected number: one per node that ran */
  async verify(t: TestContext, what: string, events = this.nodes.length): Promise<void> {
    // The promise: within one poll, at most a second.
    await delay(1_000)
    let unexpected = 0
    for (const node of this.nodes) {
      await until(
        async () => (await send('GET', `${node.origin}/readyz`)).status === 200,
        () => `${node.origin} to be ready`,
      )
    }
    const accepted = await this.#accepted()
    const replayed = await this.#count(this.lateLogins, async (node, body) => {
      const { status, json } = await send('POST', `${node.origin}/api/member/login`, { body })
      if (status >= 500) unexpected++
      return codeOf(json) === 200
    })
    const tokens: string[] = []
    for (let index = 0; index < 20; index++) {
      const body = this.installation.loginBody()
      const { status, json } = await send('POST', `${originOf(this.nodes, index)}/api/member/login`, { body })
      if (status >= 500) unexpected++
      assert.equal(codeOf(json), 200, JSON.stringify(json))
      tokens.push(String(body.token))
    }
    const lost = await this.installation.countLost([...this.sessions, ...tokens])
    const store = await openStore({ url: this.installation.env.DATABASE_URL ?? '' })
    const told = await store.events.list({ kind: 'store.went_back', limit: 10 })
    await store.close()
    t.diagnostic(
      `${what}: of ${this.sellers.length} seller logins, ${this.sessions.length} member sessions and a merchant on ${this.nodes.length} nodes: ` +
        `acknowledged but lost ${lost} (beside ${this.lateLogins.length} logins of the lost window), revoked but accepted ${accepted}, ` +
        `replay accepted ${replayed}, unexpected 5xx ${unexpected}; ${told.length} events`,
    )
    assert.deepEqual([lost, accepted, replayed, unexpected, told.length], [0, 0, 0, 0, events])
  }

  /** How many tokens, sessions and merchants are wrongly accepted. */
  async #accepted(): Promise<number> {
    const sellers = await this.#count(this.sellers, async (node, { accessToken }) => {
      return (await send('GET', `${node.origin}${authPath}/me`, { headers: bearer(accessToken) })).status === 200
    })
    const sessions = await this.#count(this.sessions, (node, token) => this.#isActive(node, token))
    const merchants = await this.#count(['other'], async (node, agentId) => {
      const body = this.installation.loginBody(agentId)
      return codeOf((await send('POST', `${node.origin}/api/member/login`, { body })).json) === 200
    })
    return sellers + sessions + merchants
  }

  async #isActive(node: ServerProcess, token: string): Promise<boolean> {
    return isActive(await checkSession(node.origin, this.service, token))
  }

  async #count<T>(things: readonly T[], isAccepted: (node: ServerProcess, thing: T) => Promise<boolean>): Promise<number> {
    let count = 0
    for (const node of this.nodes) for (const thing of things) if (await isAccepted(node, thing)) count++
    return count
  }
}

/** One address whose connections go to one server or the other. */
class Switch {
  readonly port: number
  #target: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(port: number, target: number) {
    this.port = port
    this.#target = target
    this.#server = createServer((socket) => {
      const onward = connect(this.#target, '127.0.0.1')
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        this.#sockets.add(one)
        one.pipe(other)
        one.on('error', () => other.destroy())
        one.on('close', () => {
          this.#sockets.delete(one)
          other.destroy()
        })
      }
    })
  }

  static async open(t: TestContext, target: number): Promise<Switch> {
    const port = await freePort()
    const opened = new Switch(port, target)
    opened.#server.listen(port, '127.0.0.1')
    await once(opened.#server, 'listening')
    t.after(() => {
      opened.#server.close()
      opened.turn(target)
    })
    return opened
  }

  turn(target: number): void {
    this.#target = target
    for (const socket of this.#sockets) socket.destroy()
  }
}

function originOf(nodes: readonly ServerProcess[], index: number): string {
  return nodes[index % nodes.length]?.origin ?? ''
}

function codeOf(json: unknown): number {
  return (json as { code: number }).code
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}
