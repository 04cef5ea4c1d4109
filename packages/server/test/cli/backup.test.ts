/** `backup` and `restore`: real processes, during logins and after a kill. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import type { SellerTokens } from '@lobbykey/contract'
import { backupSqlite } from '../../src/store/sqlite-backup.ts'
import { checkIntegrity } from '../../src/store/sqlite-damage.ts'
import { restoreSqlite } from '../../src/store/sqlite-restore.ts'
import { Installation, seller, send } from '../support/installation.ts'
import { LoginLoad } from '../support/login-load.ts'
import { authPath } from '../support/seller-calls.ts'
import { SmallDisk } from '../support/small-disk.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const [sqlite] = testStores().filter(({ name }) => name === 'sqlite')
const [postgres] = testStores().filter(({ name }) => name === 'postgres')

describe('backup and restore of a SQLite store', () => {
  let folder: string
  let installation: Installation
  const command = (...words: string[]) => installation.command<Record<string, string>>(...words)
  const path = () => String(installation.env.DATABASE_URL).slice('sqlite:'.length)
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lobbykey-backup-'))
    installation = await Installation.create(sqlite ?? assert.fail())
  })
  after(async () => {
    await installation.drop()
    rmSync(folder, { recursive: true })
  })

  test('during logins: complete, readable by its owner only, with every earlier login; a restore refuses a store in use', async () => {
    const server = await installation.serve()
    const load = new LoginLoad(installation, server.origin, 8)
    try {
      const acknowledged = (count: number) =>
        until(
          () => load.tokens.length >= count,
          () => `${count} logins`,
        )
      await acknowledged(100)
      const before = [...load.tokens]
      const file = join(folder, 'busy.db')
      await command('backup', file)
      assert.equal(statSync(file).mode & 0o777, 0o600)
      assert.equal(checkIntegrity(file), null)
      assert.deepEqual(readdirSync(folder), ['busy.db'])
      await assert.rejects(command('restore', file), /another process has .* open: stop every process/)
      await acknowledged(load.tokens.length + 50)
      await load.stop()
      assert.deepEqual([load.failures, load.refusals], [[], []])
      const { data } = (await send('POST', `${server.origin}${authPath}/login`, { body: seller })).json as { data: SellerTokens }
      const replayed = installation.loginBody()
      await send('POST', `${server.origin}/api/member/login`, { body: replayed })
      // Killed, so its log is still there.
      await server.stop('SIGKILL')
      assert.ok(existsSync(`${path()}-wal`))

      const { before: kept = '' } = await command('restore', file)
      assert.ok(existsSync(kept))
      assert.ok(!existsSync(`${path()}-wal`) && !existsSync(`${path()}-shm`))
      assert.equal(await installation.countLost(before), 0)
      assert.ok((await installation.countLost(load.tokens)) > 0, 'it is the store of that hour')

      const again = await installation.serve()
      try {
        // A new epoch: no token of the old store, and no request that it had accepted.
        const headers = { authorization: `Bearer ${data.accessToken}` }
        assert.equal((await send('GET', `${again.origin}${authPath}/me`, { headers })).status, 401)
        assert.equal(((await send('POST', `${again.origin}/api/member/login`, { body: replayed })).json as { code: number }).code, 408000)
        const fresh = await send('POST', `${again.origin}/api/member/login`, { body: installation.loginBody() })
        assert.equal((fresh.json as { code: number }).code, 200)
      } finally {
        await again.stop('SIGKILL')
      }
    } finally {
      await load.stop()
      await server.stop('SIGKILL')
    }
  })

  test('a killed backup leaves no file with its name, and the next one succeeds', async () => {
    const file = join(folder, 'killed.db')
    await killAt(['backup', file], installation.env, `${file}.partial`)
    if (existsSync(file)) {
      // It had already finished.
      assert.equal(checkIntegrity(file), null)
      rmSync(file)
    }
    writeFileSync(`${file}.partial`, 'half a copy')
    await command('backup', file)
    assert.deepEqual([checkIntegrity(file), existsSync(`${file}.partial`)], [null, false])
    await assert.rejects(command('backup', file), /already exists/)
  })

  test("a killed restore can be repeated, and never leaves another file's log beside the store", async () => {
    const file = join(folder, 'again.db')
    await command('backup', file)
    const standing = readFileSync(path())
    await killAt(['restore', file], installation.env, `${path()}.restoring`)
    // It may have finished already.
    const held = existsSync(path()) ? readFileSync(path()) : null
    assert.ok(held === null || held.equals(standing) || checkIntegrity(path()) === null, 'the store is what it was, or what was restored')
    // As if it ended between two renames: the old file is moved, its log is not.
    if (existsSync(path())) execFileSync('mv', [path(), `${path()}.moved`])
    writeFileSync(`${path()}-wal`, readFileSync(file).subarray(0, 4_096))
    await command('restore', file)
    assert.ok(!existsSync(`${path()}-wal`))
    assert.equal(checkIntegrity(path()), null)
  })

  test('a backup without room leaves nothing that takes the rest of the disk', { skip: SmallDisk.missing() }, async () => {
    const disk = SmallDisk.mount('tmpfs', 1)
    try {
      writeFileSync(join(disk.folder, 'filler'), Buffer.alloc(900_000))
      await assert.rejects(command('backup', join(disk.folder, 'store.db')), /no backup at .*store\.db \(database or disk is full\)/)
      assert.deepEqual(readdirSync(disk.folder), ['filler'])
    } finally {
      disk.drop()
    }
  })

  test('a restore removes nothing that it is to restore, and leaves alone another restore', async () => {
    const file = join(folder, 'first.db')
    await command('backup', file)
    const left = `${path()}.restoring`
    writeFileSync(left, readFileSync(file))
    const whole = readFileSync(left)
    await assert.rejects(command('restore', left), /is where the new store is prepared: rename it first/)
    assert.deepEqual(readFileSync(left), whole)
    const other = new DatabaseSync(left)
    other.exec('begin exclusive')
    await assert.rejects(command('restore', file), /another process has .*restoring open/)
    other.close()
    await command('restore', file)
    assert.ok(!existsSync(left))
  })

  test('a restore leaves a link to the store a link, and the file to its owner', async () => {
    const file = join(folder, 'linked.db')
    await command('backup', file)
    const moved = join(folder, 'elsewhere.db')
    renameSync(path(), moved)
    symlinkSync(moved, path())
    const isRoot = process.getuid?.() === 0
    if (isRoot) chownSync(moved, 65_534, 65_534)
    await command('restore', file)
    assert.ok(lstatSync(path()).isSymbolicLink())
    const { uid, mode } = statSync(moved)
    assert.deepEqual([uid, mode & 0o777], [isRoot ? 65_534 : process.getuid?.(), 0o600])
    rmSync(path())
    renameSync(moved, path())
    if (isRoot) chownSync(path(), 0, 0)
  })

  test('while it restores, the place of the store is empty at no time', async () => {
    const [store, file] = [join(folder, 'watched.db'), join(folder, 'watched-backup.db')]
    await backupSqlite(path(), store)
    await backupSqlite(store, file)
    const seen = new Int32Array(new SharedArrayBuffer(8))
    const watcher = new Worker(watch, { eval: true, workerData: { seen, store } })
    await until(
      () => Atomics.load(seen, 0) > 0,
      () => 'the watcher to look',
    )
    for (let turn = 0; turn < 15; turn++) await restoreSqlite({ path: store, file, label: `turn${turn}`, prepare: async () => {} })
    await watcher.terminate()
    assert.equal(Atomics.load(seen, 1), 0)
  })

  test('a file that is not a backup, or belongs to another master key, changes nothing', async () => {
    const file = join(folder, 'good.db')
    await command('backup', file)
    const standing = readFileSync(path())
    writeFileSync(join(folder, 'cut.db'), readFileSync(file).subarray(0, 20_000))
    await assert.rejects(command('restore', join(folder, 'cut.db')), /not an intact SQLite file/)
    await assert.rejects(command('restore', join(folder, 'none.db')), /there is no backup/)
    const other = await Installation.create(sqlite ?? assert.fail())
    const foreign = join(folder, 'foreign.db')
    await other.command('backup', foreign)
    await other.drop()
    await assert.rejects(command('restore', foreign), /MASTER_KEY is not this store's/)
    assert.deepEqual(readFileSync(path()), standing)
    assert.ok(!existsSync(`${path()}.restoring`))
  })
})

test('a PostgreSQL dump is read to its end; a truncated or foreign one is refused', {
  skip: postgres === undefined,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-dump-'))
  const installation = await Installation.create(postgres ?? assert.fail())
  try {
    const file = join(folder, 'lobbykey.dump')
    await assert.rejects(installation.command('backup', file), /pg_dump --format=custom/)
    const dump = (url: string, name: string) =>
      spawnSync('pg_dump', ['--format=custom', `--file=${join(folder, name)}`, url], { encoding: 'utf8' }).stderr
    const problem = dump(installation.env.DATABASE_URL ?? '', 'lobbykey.dump')
    if (/server version mismatch/.test(problem)) return t.skip('pg_dump is older than the server')
    assert.equal(problem, '')
    await installation.command('backup', file)
    const whole = readFileSync(file)
    writeFileSync(join(folder, 'cut.dump'), whole.subarray(0, whole.length - 200))
    await assert.rejects(installation.command('backup', join(folder, 'cut.dump')), /could not be read|lacks/)
    writeFileSync(join(folder, 'other.dump'), 'nothing')
    await assert.rejects(installation.command('backup', join(folder, 'other.dump')), /could not be read as a dump/)
    const foreign = await (postgres ?? assert.fail()).createEmpty()
    const lines = ['schema_migrations', 'meta', 'merchants', 'members', 'member_sessions', 'sellers', 'signing_keys']
    const rows = lines.map((name) => `('COPY public.${name} (id) FROM stdin;')`)
    execFileSync('psql', [foreign.url, '-qc', `create table notes (text text); insert into notes values ${rows.join()}`])
    assert.equal(dump(foreign.url, 'notes.dump'), '')
    await foreign.drop()
    await assert.rejects(installation.command('backup', join(folder, 'notes.dump')), /is not a dump of a store: it lacks/)
  } finally {
    await installation.drop()
    rmSync(folder, { recursive: true })
  }
})

/** Counts how often the file is there, and how often not. */
const watch = `
  const { existsSync } = require('node:fs')
  const { seen, store } = require('node:worker_threads').workerData
  for (;;) Atomics.add(seen, existsSync(store) ? 0 : 1, 1)`

/** Kills the command as soon as this file exists. */
async function killAt(words: readonly string[], env: Readonly<Record<string, string>>, file: string): Promise<void> {
  const child = runLauncher(words, env)
  const exited = once(child, 'exit')
  while (child.exitCode === null && !existsSync(file)) await new Promise(setImmediate)
  child.kill('SIGKILL')
  await exited
}

function runLauncher(words: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  const launcher = new URL('../../bin/lobbykey.js', import.meta.url).pathname
  return spawn(process.execPath, [launcher, ...words], { env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' })
}
