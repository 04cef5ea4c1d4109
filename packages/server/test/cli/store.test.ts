import assert from 'node:assert/strict'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { test } from 'node:test'
import { guestLogin, memberLogin } from '@lobbykey/contract'
import { runCommand } from '../../src/cli/program.ts'
import { systemClock } from '../../src/core/base/clock.ts'
import { copiedTables } from '../../src/store/copy/copied-tables.ts'
import { openStore } from '../../src/store/open-store.ts'
import { populated } from '../store/populated-levels.ts'
import { sampleEvent } from '../store/samples.ts'
import { addOperator, addToken } from '../support/admin-calls.ts'
import { arrive } from '../support/enter-lobby.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { login, loginTokens, logout, me, refresh, sellerAdmin, tokensOf, wrongPassword } from '../support/seller-calls.ts'
import { addService, introspect } from '../support/service-calls.ts'
import { loginBody, signed } from '../support/signed-body.ts'
import { sampleBody, sendCall } from '../support/signed-calls.ts'
import { type StoreKind, testStores } from '../support/stores.ts'
import { CommandLine, commandLine, temporaryFolder } from './command-line.ts'

const kinds = testStores()
const pairs = kinds.length === 1 ? [[kinds[0], kinds[0]]] : [kinds, kinds.toReversed()]

for (const [from, to] of pairs as [StoreKind, StoreKind][]) {
  test(`store copy, ${from.name} to ${to.name}: everything works as before`, async (t) => {
    const { url, drop } = await from.create()
    t.after(drop)
    const target = await to.createEmpty()
    t.after(target.drop)
    const before = await startTestGateway({ storeKind: { ...from, create: async () => ({ url, drop: async () => {} }) } })
    const sent = signed(loginBody(before.clock.now()))
    const first = await before.post(memberLogin.path, sent)
    const seller = await loginTokens(before)
    const ended = await loginTokens(before)
    assert.equal((await logout(before, ended.accessToken)).status, 200)
    const service = await useEveryTable(before)
    await before.close()

    const command = new CommandLine({ DATABASE_URL: url, TARGET_DATABASE_URL: target.url })
    const report = await command.json<{ rows: number; tables: { name: string; rows: number; sha256: string }[] }>(['store', 'copy'])
    assert.deepEqual(
      report.tables.filter(({ rows }) => rows === 0).map(({ name }) => name),
      [],
      'no table is empty here',
    )
    assert.equal(report.tables.length, copiedTables.length)

    const after = await before.openOn(target.url)
    t.after(() => after.close())
    after.clock.advance(1_000)
    assert.deepEqual((await after.post(memberLogin.path, sent)).json, first.json, 'the very request again: the same session')
    const otherCallback = await after.post(memberLogin.path, { ...sent, game_code: '101-DYfsRc' })
    assert.notEqual((otherCallback.json as { code: number }).code, 200, 'its signature is used up')
    const entered = await arrive(after, new URL((first.json as { data: { url: string } }).data.url).href.slice(after.publicUrl.length))
    assert.equal(entered.status, 303)
    assert.equal((await me(after, seller.accessToken)).status, 200)
    assert.equal((await me(after, ended.accessToken)).status, 401)
    const next = tokensOf(await refresh(after, seller.refreshToken))
    assert.deepEqual(tokensOf(await refresh(after, seller.refreshToken)), next, 'and again, inside the grace')
    assert.equal((await introspect(after, service, next.accessToken)).status, 200)
    assert.equal((await after.post(memberLogin.path, signed(loginBody(after.clock.now())))).status, 200)
    assert.equal((await login(after)).status, 200)
  })
}

test("restore on PostgreSQL names PostgreSQL's tools, and a new database", async (t) => {
  const { env } = await commandLine(t)
  const { exitCode, message } = await new CommandLine({ ...env, DATABASE_URL: 'postgres://127.0.0.1:1/none' }).failure([
    'restore',
    'old.dump',
  ])
  assert.equal(exitCode, 4)
  assert.match(message, /into a new, empty database: pg_restore --single-transaction --no-owner --dbname="\$DATABASE_URL" old\.dump; then/)
})

test('store copy: what cannot be copied, and why; no password is shown', async (t) => {
  const command = await commandLine(t)
  const from = command.env.DATABASE_URL ?? ''
  const to = `sqlite:${join(await temporaryFolder(t), 'target.db')}`
  const failure = (...words: string[]) => command.failure(['store', 'copy', ...words])
  assert.deepEqual(await failure(), { exitCode: 2, key: 'configuration', message: 'name the target: --to URL, or TARGET_DATABASE_URL' })
  assert.match((await failure('--to', 'mysql://u:secret-word@h/d')).message, /^--to must be sqlite:PATH or postgres/)
  assert.match((await failure('--to', from)).message, /the same database/)
  assert.match((await failure('--from', `${to}.none`, '--to', to)).message, /no store at that path/)
  const unreachable = await failure('--to', 'postgres://someone:secret-word@127.0.0.1:1/none')
  assert.equal(unreachable.exitCode, 5)
  assert.doesNotMatch(JSON.stringify(unreachable), /secret-word/)

  const node = await openStore({ url: from })
  await node.changes.latestSeq()
  const inUse = await failure('--to', to)
  await node.close()
  assert.equal(inUse.exitCode, 4)
  assert.match(inUse.message, /the source is in use: .*; stop every process that uses it/)

  await command.run(['merchant', 'add', 'acme', '--currency', 'USD', '--allow', '127.0.0.1'])
  assert.equal((await command.run(['store', 'copy', '--to', to])).exitCode, 0)
  assert.match((await failure('--to', to)).message, /the target is not empty/)
})

test('store copy: a PostgreSQL source with a connected node is refused', {
  skip: kinds.length === 1 && 'TEST_DATABASE_URL is not set',
}, async (t) => {
  const { url, drop } = await (kinds[1] as StoreKind).create()
  t.after(drop)
  const node = await openStore({ url, poolSize: 1 })
  await node.ping()
  const command = new CommandLine({ DATABASE_URL: url })
  const to = `sqlite:${join(await temporaryFolder(t), 'target.db')}`
  const refused = await command.failure(['store', 'copy', '--to', to])
  assert.match(refused.message, /in use: PostgreSQL serves Lobbykey there in its processes \d+;/)
  await node.close()
})

test('store copy: a progress bar on a terminal, a line every ten percent elsewhere, nothing with --json', async (t) => {
  const command = await commandLine(t)
  const folder = await temporaryFolder(t)
  const copyTo = (name: string) => ['store', 'copy', '--to', `sqlite:${join(folder, name)}`]
  await command.run(['merchant', 'add', 'acme', '--currency', 'USD', '--allow', '127.0.0.1'])
  const told = await command.run(copyTo('told.db'))
  assert.match(told.errorOutput, /^(\d+0 %\n)+$/)
  assert.match(told.errorOutput, /100 %\n$/)
  assert.match(told.output, /^TABLE +ROWS +SHA-256\nmeta +1 +[0-9a-f]{16}\n/)
  const terminal = new Terminal()
  const context = { env: command.env, clock: systemClock, input: Readable.from([]), output: new Terminal(), untilSignal: async () => {} }
  assert.equal(await runCommand(copyTo('drawn.db'), { ...context, errorOutput: terminal }), 0)
  assert.match(terminal.text, /\r\[#{30}\] 100 %\r\u001b\[K$/)
  await command.json(copyTo('json.db'))
})

/** Adds rows to the tables that logins leave empty. */
async function useEveryTable(gateway: TestGateway) {
  const { clock, store } = gateway
  await login(gateway, { password: wrongPassword, address: '127.0.0.9' })
  await sendCall(gateway, guestLogin, sampleBody(guestLogin, clock.now()))
  const seller = (await store.sellers.findByEmail('seller@example.com')) ?? assert.fail()
  const labelled = { ...seller, labels: { team: 'slots' }, expectedUpdatedAt: seller.updatedAt }
  assert.equal(await store.sellers.update(labelled, sampleEvent()), 'done')
  await (await sellerAdmin(gateway)).issueResetToken('seller@example.com')
  await store.merchantClocks.note([{ agentId: 'agent001', differenceMs: -12, measuredAt: clock.now() }])
  await addToken(gateway, await addOperator(gateway, 'owner'))
  const claim = { keyHash: Buffer.alloc(32, 1), requestDigest: Buffer.alloc(32, 2), now: clock.now(), expiresAt: clock.now() + 60_000 }
  await store.idempotentAnswers.claim(claim)
  await useOperatorTables(gateway.settings)
  const service = await addService(gateway)
  await gateway.flushRefusals()
  await gateway.flushTraces()
  return service
}

/** Adds operators' credentials and rows of processes and seals, as in another test's store. */
async function useOperatorTables({ databaseUrl: url }: TestGateway['settings']): Promise<void> {
  const store = await openStore({ url })
  try {
    const isSealed = (await store.seals.last()) !== null
    const levels = [
      '0110-operators',
      '0130-records',
      '0160-operator-accounts',
      '0180-hand-overs',
      '0190-proposals',
      '0200-brands',
      '0210-connection-requests',
      ...(isSealed ? [] : ['0150-seals']),
    ]
    await store.database.transaction(async (tx) => {
      for (const level of levels) for (const statement of populated[level] ?? []) await statement.execute(tx)
    })
  } finally {
    await store.close()
  }
}

class Terminal extends Writable {
  readonly isTTY = true
  text = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}
