import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, type TestContext, test } from 'node:test'
import { sql } from 'kysely'
import { copiedTables } from '../../../src/store/copy/copied-tables.ts'
import { UnfinishedCopyError } from '../../../src/store/copy/copy-mark.ts'
import { type CopyReport, copyStore } from '../../../src/store/copy/copy-store.ts'
import { migrate, pendingMigrations } from '../../../src/store/migrate.ts'
import { openStore, type SqlStore } from '../../../src/store/open-store.ts'
import { type StoreKind, testStores } from '../../support/stores.ts'
import { addMerchant, sampleEvent, sampleKey, sampleLogin, sampleMember, sampleMerchant, start } from '../samples.ts'

/** More than two pages. */
const members = 2_345
const agentId = 'agent'

const kinds = testStores()
const pairs = kinds.flatMap((from) => kinds.map((to) => ({ from, to, title: `${from.name} to ${to.name}` })))
/** Both directions between the dialects; with one dialect only, to itself. */
const crossings = kinds.length === 1 ? pairs : pairs.filter(({ from, to }) => from !== to)

/** By kind, a filled source for the tests that do not write to it. */
const sources = new Map<string, Promise<{ readonly url: string; readonly store: SqlStore; drop(): Promise<void> }>>()
after(async () => {
  for (const source of sources.values()) {
    const { store, drop } = await source
    await store.close()
    await drop()
  }
})

test('every table of the store is copied', async (t) => {
  const store = await open(t, kinds[0] as StoreKind)
  const tables = await store.database.run(async (db) => (await db.introspection.getTables()).map(({ name }) => name))
  assert.deepEqual([...copiedTables.map(({ name }) => name), 'schema_migrations'].sort(), tables.sort())
})

for (const { from, to, title } of pairs) {
  test(`${title}: a copy has the same rows, and numbers continue after them`, async (t) => {
    const { store: source } = await filled(from)
    const target = await openEmpty(t, to)
    const report = await copyStore({ source, target })
    assert.equal(report.isResumed, false)
    assert.equal(rowsOf(report, 'members'), members)
    assert.deepEqual(await pendingMigrations(target), [])
    assert.deepEqual(await merchantsOf(target), await merchantsOf(source))
    assert.deepEqual(await target.events.list({ limit: 1000 }), await source.events.list({ limit: 1000 }))
    const page = { afterUserId: 'u01990', limit: 20 }
    assert.deepEqual(await target.members.list(agentId, page), await source.members.list(agentId, page))

    const latest = await source.changes.latestSeq()
    await target.merchants.addKey(sampleKey(agentId, 'key2'), 2, sampleEvent('test.later'))
    assert.deepEqual(
      (await target.changes.since(latest, 10)).map(({ seq }) => seq),
      [latest + 1],
    )
    assert.equal((await target.events.list({ limit: 1 }))[0]?.kind, 'test.later')
  })
}

for (const { from, to, title } of crossings) {
  test(`${title}: a killed copy resumes; an incomplete store cannot be used`, async (t) => {
    const { url: sourceUrl, store: source } = await filled(from)
    const targetUrl = await urlOf(t, to, 'createEmpty')
    const copying = copyUntil(sourceUrl, targetUrl, 1_500)
    await once(copying.stdout ?? copying, 'data')
    await kill(copying)

    const target = await openUrl(t, targetUrl)
    await assert.rejects(pendingMigrations(target), UnfinishedCopyError)
    await assert.rejects(migrate(target), UnfinishedCopyError)
    const [copied] = await select<{ count: number }>(target, 'select count(*) as count from members')
    assert.ok(copied && copied.count > 0 && copied.count < members, `${copied?.count} members`)

    let steps = 0
    let done = 0
    const onStart = (count: number) => {
      steps = count
    }
    const onRows = (count: number) => {
      done += count
    }
    const report = await copyStore({ source, target, onStart, onRows })
    assert.equal(report.isResumed, true)
    assert.equal(rowsOf(report, 'members'), members)
    assert.equal(done, steps)
    assert.deepEqual(await pendingMigrations(target), [])
  })

  test(`${title}: rows written to the source between two runs are detected`, async (t) => {
    const [sourceUrl, targetUrl] = [await urlOf(t, from, 'create'), await urlOf(t, to, 'createEmpty')]
    const source = await openUrl(t, sourceUrl)
    await fill(source)
    const copying = copyUntil(sourceUrl, targetUrl, 1_500)
    await once(copying.stdout ?? copying, 'data')
    await kill(copying)
    await source.members.update({ agentId, userId: 'u00001', desc: 'changed', now: start }, null, sampleEvent())

    const target = await openUrl(t, targetUrl)
    await assert.rejects(copyStore({ source, target }), { key: 'conflict', message: /differ in members \(2345 rows in the source, 2345/ })
    await assert.rejects(pendingMigrations(target), UnfinishedCopyError)
  })

  test(`${title}: the source cannot be written while it is copied`, async (t) => {
    const sourceUrl = await urlOf(t, from, 'create')
    const source = await openUrl(t, sourceUrl)
    await fill(source)
    const target = await openEmpty(t, to)
    const node = await openStore({ url: sourceUrl, poolSize: 1, holdMsMax: 200 })
    t.after(() => node.close())
    let refused: Promise<unknown> | undefined
    const onRows = () => {
      // Starts in the middle of the copy and keeps retrying; its row must not be in the source before the copy ends.
      refused ??= node.members.create(sampleMember(agentId, 'late'), null, sampleEvent()).catch((error: unknown) => error)
    }
    const report = await copyStore({ source, target, onRows })
    assert.equal(rowsOf(report, 'members'), members)
    assert.equal(await target.members.find(agentId, 'late'), null)
    await refused
  })
}

test('a target that is not empty, or holds a copy of another store, is refused and left unchanged', async (t) => {
  for (const { from, to } of crossings) {
    const { store: source } = await filled(from)
    const used = await open(t, to)
    await addMerchant(used)
    await assert.rejects(copyStore({ source, target: used }), { key: 'conflict', message: /not empty \(there are rows in merchants\)/ })
    assert.deepEqual(await pendingMigrations(used), [])

    const half = await open(t, to)
    await insert(half, `insert into schema_migrations (name) values ('copy-of-another')`)
    await assert.rejects(copyStore({ source, target: half }), { key: 'conflict', message: /copy of another store/ })
  }
})

test('a migrated target without rows is empty', async (t) => {
  const { store: source } = await filled(kinds[0] as StoreKind)
  const target = await open(t, kinds.at(-1) as StoreKind)
  assert.equal(rowsOf(await copyStore({ source, target }), 'members'), members)
})

test('a source of another version is refused, and the target stays unchanged', async (t) => {
  for (const { from, to } of crossings) {
    const source = await open(t, from)
    await insert(source, `delete from schema_migrations where name = (select max(name) from schema_migrations)`)
    const target = await openEmpty(t, to)
    await assert.rejects(copyStore({ source, target }), {
      key: 'conflict',
      message: /older than this version \(.*\): run `lobbykey migrate`/,
    })
    await assert.rejects(select(target, 'select * from meta'))
  }
})

/** A merchant with members, some of them with sessions, and every kind of text, number and bytes. */
async function fill(store: SqlStore): Promise<void> {
  await store.meta.putIfAbsent('secret', Buffer.from([0, 255, 128]))
  await store.merchants.add(sampleMerchant(agentId), sampleKey(agentId), sampleEvent('test.filled', { details: { list: ['a', 1, null] } }))
  const rows = Array.from(
    { length: members },
    (_, number) => `('${agentId}', '${userId(number)}', 'Ünï \u{1F3B2}', '', 'Active', 0, ${start})`,
  )
  await insert(store, `insert into members values ${rows.join(', ')}`)
  const logins = Array.from({ length: 100 }, (_, number) => sampleLogin({ agentId, userId: userId(number), token: `token${number}` }))
  await store.memberSessions.login(
    logins.map((login, number) => ({ ...login, opaque: number % 2 === 0 ? { callback: 'https://example.com' } : null })),
  )
  await store.throttles.fail(['one', 'two'], { now: start, tatStepMs: 1, expiresAt: Number.MAX_SAFE_INTEGER })
  await store.traces.append([
    { at: start, requestId: 'r', surface: 'cli', call: 'login', code: '200', isFailed: false, isStranger: false, steps: [] },
  ])
  const minute = { at: start, surface: 'cli', call: 'login', code: '200', agentId, count: 3 } as const
  const origin = { at: start, agentId, isStranger: true, address: null, keyId: null, accepted: 0, refused: 1 }
  await store.callCounts.add({ id: 'b', at: start, counts: [minute], origins: [origin] })
  await store.refusals.put([{ ...sampleEvent('test.refused'), id: 'one', count: 1, lastAt: start, expiresAt: Number.MAX_SAFE_INTEGER }])
}

function filled(kind: StoreKind) {
  const made = sources.get(kind.name) ?? makeFilled(kind)
  sources.set(kind.name, made)
  return made
}

async function makeFilled(kind: StoreKind) {
  const { url, drop } = await kind.create()
  const store = await openStore({ url, poolSize: 2 })
  await fill(store)
  return { url, store, drop }
}

/** One driver returns a Buffer, the other a Uint8Array. */
async function merchantsOf({ merchants }: SqlStore) {
  return (await merchants.load()).map(({ keys, ...merchant }) => ({
    ...merchant,
    keys: keys.map((key) => ({ ...key, sealed: Buffer.from(key.sealed) })),
  }))
}

function userId(number: number): string {
  return `u${String(number).padStart(5, '0')}`
}

/** Copies in a separate process, which reports and stops after this many rows. */
function copyUntil(sourceUrl: string, targetUrl: string, rows: number): ChildProcess {
  const script = `
    const { copyStore } = await import(${JSON.stringify(import.meta.resolve('../../../src/store/copy/copy-store.ts'))})
    const { openStore } = await import(${JSON.stringify(import.meta.resolve('../../../src/store/open-store.ts'))})
    const source = await openStore({ url: ${JSON.stringify(sourceUrl)} })
    const target = await openStore({ url: ${JSON.stringify(targetUrl)} })
    let copied = 0
    await copyStore({ source, target, onRows: (count) => {
      copied += count
      if (copied < ${rows}) return
      process.stdout.write('half-way')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    } })`
  return spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function kill(child: ChildProcess): Promise<void> {
  const killed = once(child, 'exit')
  child.kill('SIGKILL')
  await killed
}

async function urlOf(t: TestContext, kind: StoreKind, how: 'create' | 'createEmpty'): Promise<string> {
  const { url, drop } = await kind[how]()
  t.after(drop)
  return url
}

async function openUrl(t: TestContext, url: string): Promise<SqlStore> {
  const store = await openStore({ url, poolSize: 2 })
  t.after(() => store.close())
  return store
}

async function open(t: TestContext, kind: StoreKind): Promise<SqlStore> {
  return openUrl(t, await urlOf(t, kind, 'create'))
}

async function openEmpty(t: TestContext, kind: StoreKind): Promise<SqlStore> {
  return openUrl(t, await urlOf(t, kind, 'createEmpty'))
}

function rowsOf({ tables }: CopyReport, name: string): number | undefined {
  return tables.find((table) => table.name === name)?.rows
}

async function select<T>({ database }: SqlStore, statement: string): Promise<T[]> {
  return (await database.run((db) => sql.raw<T>(statement).execute(db))).rows
}

async function insert({ database }: SqlStore, statement: string): Promise<void> {
  await database.run((db) => sql.raw(statement).execute(db))
}
