import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { migrate } from '../../src/store/migrate.ts'
import { openStore, type SqlStore } from '../../src/store/open-store.ts'
import { type StoreKind, testStores } from '../support/stores.ts'

const launcher = fileURLToPath(new URL('../../bin/lobbykey.js', import.meta.url))
const members = 50_000
const sessions = 150_000
const kills = 5
const memoryMibMax = 512

const kinds = testStores()
const pairs = kinds.length === 1 ? [[kinds[0], kinds[0]]] : [kinds, kinds.toReversed()]

for (const [from, to] of pairs as [StoreKind, StoreKind][]) {
  test(`${from.name} to ${to.name}: ${members + sessions} rows, with ${kills} kills at random moments`, async (t) => {
    const [sourceUrl, targetUrl] = [await urlOf(t, from), await urlOf(t, to)]
    const source = await openStore({ url: sourceUrl })
    await migrate(source)
    await fill(source)
    await source.close()
    for (let round = 1; round <= kills; round++) {
      const copy = start(sourceUrl, targetUrl)
      await delay(500 + Math.random() * 2_500)
      const exited = copy.child.exitCode === null ? once(copy.child, 'exit') : null
      copy.child.kill('SIGKILL')
      await exited
    }
    const copy = start(sourceUrl, targetUrl)
    const startedAt = performance.now()
    let memoryMib = 0
    while (copy.child.exitCode === null) {
      memoryMib = Math.max(memoryMib, peakMemoryMib(copy.child))
      await delay(50)
    }
    assert.equal(copy.child.exitCode, 0, copy.output())
    const report = JSON.parse(copy.output()) as { isResumed: boolean; rows: number }
    assert.ok(report.rows >= members + sessions, `${report.rows} rows`)
    assert.ok(memoryMib < memoryMibMax, `${memoryMib} MiB`)
    t.diagnostic(
      `last run: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s, ${report.isResumed ? 'resumed' : 'from the beginning'}, peak ${memoryMib} MiB`,
    )
  })

  test(`${from.name} to ${to.name}: how fast`, async (t) => {
    const [sourceUrl, targetUrl] = [await urlOf(t, from), await urlOf(t, to)]
    const source = await openStore({ url: sourceUrl })
    await migrate(source)
    await fill(source)
    await source.close()
    const startedAt = performance.now()
    const copy = start(sourceUrl, targetUrl)
    await once(copy.child, 'exit')
    assert.equal(copy.child.exitCode, 0, copy.output())
    const seconds = (performance.now() - startedAt) / 1_000
    t.diagnostic(`${seconds.toFixed(1)} s, ${Math.round((members + sessions) / seconds)} rows/s copied and compared`)
  })
}

async function urlOf(t: TestContext, kind: StoreKind): Promise<string> {
  const { url, drop } = await kind.createEmpty()
  t.after(drop)
  return url
}

/** Members and sessions as logins leave them. */
async function fill({ database }: SqlStore): Promise<void> {
  const isPostgres = database.dialect === 'postgres'
  const numbers = (count: number) =>
    isPostgres
      ? `generate_series(1, ${count}) as n (i)`
      : `(with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count}) select i from n) as n`
  const token = isPostgres ? `decode(md5('token' || i), 'hex')` : 'randomblob(16)'
  for (const statement of [
    `insert into meta (name, value) select 'secret' || i, ${token} from ${numbers(1)}`,
    `insert into merchants values ('agent', 'enabled', '{}', 0, 0)`,
    `insert into members select 'agent', 'u' || (100000000 + i), 'name', '', 'Active', 0, 0 from ${numbers(members)}`,
    `insert into member_sessions (token_hash, agent_id, user_id, platform, language, currency, game_code, callback, created_at, expires_at)
     select ${token}, 'agent', 'u' || (100000000 + i % ${members}), 'h5', 'en-US', 'VND2', '101-DYfsRc', 'https://example.com/back', i, 86400000 + i
     from ${numbers(sessions)}`,
  ]) {
    await database.exclusively((tx) => sql.raw(statement).execute(tx))
  }
}

function start(sourceUrl: string, targetUrl: string): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [launcher, 'store', 'copy', '--json'], {
    env: { PATH: process.env.PATH, DATABASE_URL: sourceUrl, TARGET_DATABASE_URL: targetUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
  }
  return { child, output: () => text }
}

/** Peak memory of the process (Linux); 0 elsewhere. */
function peakMemoryMib({ pid }: ChildProcess): number {
  try {
    return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024)
  } catch {
    return 0
  }
}
