/** How callers experience a full or broken disk under the store, in real time, on the test's own file system. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { migrate } from '../../src/store/migrate.ts'
import { openStore } from '../../src/store/open-store.ts'
import { Installation } from '../support/installation.ts'
import { PostgresCluster, postgresPrograms } from '../support/postgres-cluster.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { SmallDisk } from '../support/small-disk.ts'
import type { StoreKind } from '../support/stores.ts'
import { TimedLoad } from '../support/timed-load.ts'
import { until } from '../support/until.ts'

const skip = SmallDisk.missing()
const clients = 20
const hungMs = 5_000

async function scene(t: TestContext, name: StoreKind['name'], url: string) {
  const create = async () => {
    const store = await openStore({ url, poolSize: 1 })
    await migrate(store)
    await store.close()
    return { url, drop: async () => {} }
  }
  const installation = await Installation.create({ name, create })
  const server = await installation.serve()
  t.after(() => server.stop('SIGKILL'))
  const load = new TimedLoad(installation, [server.origin], clients)
  await served(load)
  load.measureFromHere()
  return { installation, server, load }
}

const served = (load: TimedLoad) => {
  const count = load.tokens.length + 100
  return until(
    () => load.tokens.length > count,
    () => `logins; ${load.unexpected[0] ?? ''}`,
    60_000,
  )
}

const readyStatus = async ({ origin }: ServerProcess) => (await fetch(`${origin}/readyz`)).status

const untilReady = (server: ServerProcess, status: number) =>
  until(
    async () => (await readyStatus(server)) === status,
    () => `/readyz to be ${status}`,
  )

async function judge(t: TestContext, what: string, installation: Installation, load: TimedLoad, more = ''): Promise<void> {
  const lost = await installation.countLost(load.tokens)
  t.diagnostic(
    `${what}: ${load.tokens.length} acknowledged, lost ${lost}, unexpected ${load.unexpected.length}, answered 503 ${load.unavailable}, without ` +
      `Retry-After ${load.withoutRetryAfter}, cut ${load.cut}, slowest ${Math.round(load.slowestMs)} ms${more}`,
  )
  assert.deepEqual([lost, load.unexpected.slice(0, 3), load.withoutRetryAfter], [0, [], 0])
  assert.ok(load.unavailable > 0)
  assert.ok(load.slowestMs <= hungMs, `${load.slowestMs} ms`)
}

test('[check 83] K8 a full disk under SQLite is 503 until there is room, and no login is lost', { skip }, async (t) => {
  const disk = SmallDisk.mount('tmpfs', 24)
  t.after(() => disk.drop())
  const { installation, server, load } = await scene(t, 'sqlite', `sqlite:${join(disk.folder, 'store.db')}`)
  disk.fill()
  await until(
    () => load.unavailable > 50,
    () => '503',
  )
  await untilReady(server, 503)
  await delay(3_000)
  disk.free()
  const ms = await load.untilSuccess()
  await served(load)
  await untilReady(server, 200)
  await load.stop()
  assert.match(server.output, /disk is full|SQLITE_FULL|ENOSPC/i)
  await judge(t, 'full disk, SQLite', installation, load, `, served again after ${Math.round(ms)} ms`)
})

test('[check 83] K8 a file system that becomes read-only under SQLite is 503, and no login is lost', { skip }, async (t) => {
  const disk = SmallDisk.mount('ext4', 64)
  t.after(() => disk.drop())
  const { installation, server, load } = await scene(t, 'sqlite', `sqlite:${join(disk.folder, 'store.db')}`)
  disk.abort()
  await until(
    () => load.unavailable > 50,
    () => `503; ${load.unexpected[0] ?? ''}`,
  )
  await untilReady(server, 503)
  await load.stop()
  await server.stop('SIGKILL')
  disk.remount()
  await judge(t, 'read-only file system, SQLite', installation, load)
  const again = await installation.serve()
  t.after(() => again.stop('SIGKILL'))
  assert.equal(await readyStatus(again), 200)
})

test('[check 83] K8 a full disk under PostgreSQL is 503 until there is room, and no login is lost', {
  skip: skip || (postgresPrograms() === null && 'PostgreSQL is not installed'),
}, async (t) => {
  const disk = SmallDisk.mount('tmpfs', 160)
  t.after(() => disk.drop())
  const cluster = await PostgresCluster.start(disk.folder)
  t.after(() => cluster.drop())
  await cluster.query('postgres', 'create database lobbykey')
  const { installation, server, load } = await scene(t, 'postgres', cluster.urlOf('lobbykey'))
  disk.fill()
  await until(
    () => load.unavailable > 50,
    () => `503; ${load.unexpected[0] ?? ''}`,
    60_000,
  )
  await delay(3_000)
  disk.free()
  // PostgreSQL has ended if it could not write its log.
  await cluster.restart().catch(() => {})
  const ms = await load.untilSuccess()
  await served(load)
  await untilReady(server, 200)
  await load.stop()
  await judge(t, 'full disk, PostgreSQL', installation, load, `, served again after ${Math.round(ms)} ms`)
})
