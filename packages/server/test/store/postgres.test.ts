import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { openStore, type SqlStore } from '../../src/store/open-store.ts'
import { type TestDatabase, testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'
import { addMerchant, sampleEvent, sampleLogin, sampleMember } from './samples.ts'

const kind = testStores().find(({ name }) => name === 'postgres')

describe('PostgreSQL', { skip: kind === undefined && 'TEST_DATABASE_URL is not set' }, () => {
  let database: TestDatabase
  let proxy: FreezingProxy
  let proxyUrl: string
  const opened: SqlStore[] = []
  const open = async (options: Partial<Parameters<typeof openStore>[0]> = {}): Promise<SqlStore> => {
    const store = await openStore({ url: database.url, poolSize: 2, ...options })
    opened.push(store)
    return store
  }

  before(async () => {
    assert.ok(kind)
    database = await kind.create()
    proxy = new FreezingProxy(new URL(database.url))
    proxyUrl = await proxy.start()
  })

  after(async () => {
    for (const store of opened) await store.close()
    proxy?.stop()
    await database?.drop()
  })

  test('a database that stops answering is store_unavailable for every kind of use, never a hang', async () => {
    const patient = await open()
    const agentId = await addMerchant(patient, 'uid001')
    const store = await open({ url: proxyUrl, connectMsMax: 5_000, holdMsMax: 5_000 })
    const uses = [
      () => store.ping(),
      () => store.events.append([sampleEvent()]),
      () => store.memberSessions.login([sampleLogin({ agentId, userId: 'uid001', token: 'one' })]),
      () => store.members.find(agentId, 'uid001'),
    ]
    await store.ping()
    proxy.freeze()
    // More at once than the pool has connections: those waiting for one give up, too.
    const results = await Promise.allSettled(uses.map((use) => use()))
    for (const result of results) assert.equal(result.status === 'rejected' && result.reason.key, 'store_unavailable')
    proxy.thaw()
    // A connection that was begun in the last moment of the freeze may still run out of time.
    await until(
      () =>
        store.ping().then(
          () => true,
          () => false,
        ),
      () => 'an answer after the freeze',
    )
    for (const use of uses) await use()
  })

  test('an unreachable database is store_unavailable', async () => {
    const gone = new URL(database.url)
    gone.port = '1'
    const unknown = new URL(database.url)
    unknown.pathname = '/lobbykey_test_no_such_database'
    for (const { href } of [gone, unknown]) {
      const store = await open({ url: href })
      await assert.rejects(store.ping(), { key: 'store_unavailable', details: { retryAfterMs: 1000 } })
      await assert.rejects(store.durabilityProblems(), { key: 'store_unavailable' })
    }
  })

  test('a connection ended by the server, idle or in a transaction, breaks nothing else', async () => {
    const store = await open()
    const other = await open()
    const end = (pid: number) => other.database.run((db) => sql`select pg_terminate_backend(${pid})`.execute(db))
    const pidOf = async (db: Parameters<Parameters<typeof store.database.run>[0]>[0]) =>
      (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid ?? 0
    await end(await store.database.run(pidOf))
    const transaction = store.database.transaction(async (tx) => {
      await end(await pidOf(tx))
      await sql`select 1`.execute(tx)
    })
    await assert.rejects(transaction, { key: 'store_unavailable' })
    await store.ping().catch(() => store.ping())
  })

  test('a limit that the role brings with it, and damaged data, are store_unavailable and not our mistake', async () => {
    const store = await open({ poolSize: 1 })
    const pidOf = (db: Parameters<Parameters<typeof store.database.run>[0]>[0]) =>
      sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)
    for (const code of ['25P03', '25P04', '57014', 'XX001']) {
      const fail = sql.raw(`do $$ begin raise exception 'as PostgreSQL says it' using errcode = '${code}'; end $$`)
      const before = (await store.database.run(pidOf)).rows[0]?.pid
      await assert.rejects(
        store.database.run((db) => fail.execute(db)),
        { key: 'store_unavailable' },
        code,
      )
      const after = (await store.database.run(pidOf)).rows[0]?.pid
      assert.equal(after === before, code === '57014', `${code}: whether its connection stays in use`)
    }
  })

  test('a connection that the server closes for being idle, at the moment when it is taken, costs its caller nothing', async () => {
    const store = await open({ poolSize: 1 })
    for (let round = 0; round < 3; round++) {
      await store.database.run((db) => sql`set idle_session_timeout = '20ms'`.execute(db))
      // Nothing of the server is read meanwhile, as in a process that is busy.
      for (const until = performance.now() + 300; performance.now() < until; );
      await store.ping()
    }
  })

  test('a locked table costs its caller an answer, but leaves the database no connection and no running statement [check 83]', async () => {
    const store = await open({ holdMsMax: 600, applicationName: 'lobbykey lock test' })
    const other = await open()
    await other.database.transaction(async (tx) => {
      await sql`lock table events in access exclusive mode`.execute(tx)
      const results = await Promise.allSettled(Array.from({ length: 6 }, () => store.events.append([sampleEvent()])))
      for (const result of results) assert.equal(result.status === 'rejected' && result.reason.key, 'store_unavailable')
      assert.ok((await backends(other, 'lobbykey lock test')).length <= 2)
      await until(
        async () => !(await backends(other, 'lobbykey lock test')).includes('active'),
        () => 'statements that were given up to end',
      )
    })
    await store.events.append([sampleEvent()])
  })

  test('without limits in the server, as behind PgBouncer, a statement is cancelled, and its connection counts until then [check 83]', async () => {
    const applicationName = 'lobbykey cancel test'
    const store = await open({ holdMsMax: 2000, applicationName })
    const other = await open()
    const hang = () =>
      store.database.transaction(async (tx) => {
        await sql`set local statement_timeout = 0`.execute(tx)
        await sql`set local lock_timeout = 0`.execute(tx)
        await sql`lock table events in access exclusive mode`.execute(tx)
      })
    await other.database.transaction(async (tx) => {
      await sql`lock table events in access exclusive mode`.execute(tx)
      const results = await Promise.allSettled(Array.from({ length: 6 }, hang))
      for (const result of results) assert.equal(result.status === 'rejected' && result.reason.key, 'store_unavailable')
      assert.ok((await backends(other, applicationName)).length <= 2)
      await until(
        async () => !(await backends(other, applicationName)).includes('active'),
        () => 'the statements to be cancelled',
      )
    })
    await hang()
  })

  test('connections to a frozen database never exceed the pool, however often callers retry [check 83]', async () => {
    const applicationName = 'lobbykey freeze test'
    const patient = await open()
    const store = await open({ url: proxyUrl, connectMsMax: 100, holdMsMax: 100, applicationName })
    const pingsAtOnce = () =>
      Promise.all([store.ping(), store.ping()]).then(
        () => true,
        () => false,
      )
    await until(pingsAtOnce, () => 'both connections, on a machine at work too')
    proxy.freeze()
    for (let round = 0; round < 5; round++) {
      const results = await Promise.allSettled(Array.from({ length: 4 }, () => store.ping()))
      for (const result of results) assert.equal(result.status === 'rejected' && result.reason.key, 'store_unavailable')
      assert.ok((await backends(patient, applicationName)).length <= 2)
    }
    proxy.thaw()
    await until(pingsAtOnce, () => 'the thawed database to be used again')
  })

  test('no statement waits for processes that work beside it', async () => {
    const store = await open()
    const shown = await store.database.run((db) => sql`show max_parallel_workers_per_gather`.execute(db))
    assert.deepEqual(shown.rows, [{ max_parallel_workers_per_gather: '0' }])
  })

  test('a connection whose server has become read-only is discarded, and the write uses another [check 82]', async () => {
    const store = await open({ poolSize: 4 })
    const agentId = await addMerchant(store, 'uid001')
    const demoteAll = () =>
      Promise.all(
        Array.from({ length: 4 }, () =>
          store.database.run(async (db) => {
            await sql`select pg_sleep(0.05)`.execute(db)
            await sql`set default_transaction_read_only = on`.execute(db)
          }),
        ),
      )
    await demoteAll()
    const login = sampleLogin({ agentId, userId: 'uid001', token: 'after demotion' })
    assert.deepEqual(await store.memberSessions.login([login]), ['accepted'])
    await demoteAll()
    await store.events.append([sampleEvent()])
  })

  test('a read-only server is not read from either [check 82]', async () => {
    const name = new URL(database.url).pathname.slice(1)
    const first = await open()
    await first.database.run((db) => sql.raw(`alter database ${name} set default_transaction_read_only = on`).execute(db))
    const later = await open()
    for (const use of [() => later.ping(), () => later.changes.latestSeq(), () => later.verifyWritable()]) {
      await assert.rejects(use(), { key: 'store_unavailable' })
    }
    await first.database.run(async (db) => {
      await sql`set default_transaction_read_only = off`.execute(db)
      await sql.raw(`alter database ${name} reset default_transaction_read_only`).execute(db)
    })
    await later.verifyWritable()
  })

  test('a connection is closed at its maximum age', async () => {
    const store = await open({ connectionAgeMsMax: 0, poolSize: 1 })
    const pids = new Set<number>()
    for (let turn = 0; turn < 3; turn++) {
      const { rows } = await store.database.run((db) => sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db))
      pids.add(rows[0]?.pid ?? 0)
    }
    assert.equal(pids.size, 3)
  })

  test('of several servers the writable one is found', async () => {
    const { host, username, password, pathname } = new URL(database.url)
    const login = password === '' ? username : `${username}:${password}`
    const store = await open({ url: `postgres://${login}@127.0.0.1:1,${host}${pathname}?target_session_attrs=read-write` })
    await store.verifyWritable()
  })

  test('if none of several servers can be used, the error says why of each', async () => {
    const store = await open({ url: 'postgres://nobody@127.0.0.1:1,127.0.0.1:2/none' })
    await assert.rejects(store.ping(), (error: { key?: string; cause?: Error }) => {
      assert.equal(error.key, 'store_unavailable')
      assert.match(error.cause?.message ?? '', /^127\.0\.0\.1:1: connect ECONNREFUSED .*; 127\.0\.0\.1:2: connect ECONNREFUSED/)
      return true
    })
  })

  test('two rehearsals that deadlock both end: one is tried again', async () => {
    const agentId = await addMerchant(await open())
    const store = await open()
    const both = Promise.withResolvers<void>()
    let begun = 0
    const rehearse = (userIds: readonly string[]) => {
      let isFirst = true
      return store.rehearse(async ({ members }) => {
        for (const userId of userIds) {
          await members.create(sampleMember(agentId, userId), null, sampleEvent())
          // Each holds one row before either asks for the other's; a second try waits for nobody.
          if (isFirst && ++begun === 2) both.resolve()
          if (isFirst) await both.promise
          isFirst = false
        }
        return userIds
      })
    }
    const orders = [
      ['uid_a', 'uid_b'],
      ['uid_b', 'uid_a'],
    ] as const
    assert.deepEqual(await Promise.all(orders.map(rehearse)), orders)
    assert.equal(await store.members.find(agentId, 'uid_a'), null)
  })

  test('our own mistakes are not reported as store failures', async () => {
    const store = await open()
    await assert.rejects(
      store.database.run((db) => sql`select no_such_column`.execute(db)),
      { code: '42703' },
    )
    const mistake = new Error('a mistake')
    await assert.rejects(
      store.database.transaction(() => Promise.reject(mistake)),
      mistake,
    )
  })

  test('a closed store is store_unavailable; closing again does nothing', async () => {
    const store = await open()
    await store.ping()
    await store.close()
    await store.close()
    await assert.rejects(store.ping(), { key: 'store_unavailable' })
    const login = sampleLogin({ agentId: 'agent001', userId: 'uid001', token: 'one' })
    await assert.rejects(store.memberSessions.login([login]), { key: 'store_unavailable' })
  })

  test('logins work without prepared statements, as some versions of PgBouncer require', async () => {
    const store = await open({ preparedStatements: false })
    const agentId = await addMerchant(store, 'uid001')
    for (const token of ['one', 'two']) {
      assert.deepEqual(await store.memberSessions.login([sampleLogin({ agentId, userId: 'uid001', token })]), ['accepted'])
    }
  })

  test('settings that could lose a login are reported [check 76]', async () => {
    const store = await open()
    assert.deepEqual(await store.durabilityProblems(), [])
    const name = new URL(database.url).pathname.slice(1)
    await store.database.run((db) => sql.raw(`alter database ${name} set synchronous_commit = local`).execute(db))
    const later = await open()
    assert.deepEqual(await later.durabilityProblems(), ["PostgreSQL's synchronous_commit is local, not on or remote_apply"])
    await store.database.run((db) => sql.raw(`alter database ${name} reset synchronous_commit`).execute(db))
  })
})

/** The states of a process's connections. */
async function backends({ database }: SqlStore, applicationName: string): Promise<string[]> {
  const query = sql<{ state: string }>`select state from pg_stat_activity where application_name = ${applicationName}`
  const { rows } = await database.run((db) => query.execute(db))
  return rows.map(({ state }) => state)
}

/** A proxy to the database that can stop forwarding, in both directions, without closing a connection. */
class FreezingProxy {
  readonly #target: URL
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isFrozen = false

  constructor(target: URL) {
    this.#target = target
    this.#server = createServer((client) => this.#join(client))
  }

  /** Returns the database's URL through this proxy. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const url = new URL(this.#target)
    url.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return url.href
  }

  freeze(): void {
    this.#isFrozen = true
    for (const socket of this.#sockets) socket.pause()
  }

  thaw(): void {
    this.#isFrozen = false
    for (const socket of this.#sockets) socket.resume()
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #join(client: Socket): void {
    const upstream = connect(Number(this.#target.port || 5432), this.#target.hostname)
    this.#pass(client, upstream)
    this.#pass(upstream, client)
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.on('data', (chunk) => to.write(chunk))
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
    if (this.#isFrozen) from.pause()
  }
}
