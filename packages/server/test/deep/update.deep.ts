/** An update as docs/operations.md describes it: the release before, installed with the packages of its own lock file, and this one on one store. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { SellerTokens } from '@lobbykey/contract'
import { startHaproxy } from '../support/haproxy.ts'
import { checkSession, type GameService, Installation, isActive, seller, send } from '../support/installation.ts'
import { LoginLoad } from '../support/login-load.ts'
import { missingProgram } from '../support/missing-program.ts'
import { contract, ReleaseBefore } from '../support/release-before.ts'
import { authPath } from '../support/seller-calls.ts'
import { ownLauncher, ServerProcess } from '../support/server-process.ts'
import { type StoreKind, testStores } from '../support/stores.ts'
import { TokenChecks } from '../support/token-checks.ts'
import { until } from '../support/until.ts'

const [sqlite, postgres] = ['sqlite', 'postgres'].map((wanted) => testStores().find(({ name }) => name === wanted))
/** The pause between two nodes in docs/operations.md. */
const paceMs = 3_000
const refusal = /the store was migrated by a newer Lobbykey \(.*9000-contract-sample\): run that version, or a later one/

describe('the release before and this one', { skip: ReleaseBefore.missing() }, () => {
  let old: ReleaseBefore
  before(() => {
    old = ReleaseBefore.install()
  })
  after(() => old?.remove())

  /** What the release before has installed, on a store that it has migrated. */
  const install = (kind: StoreKind, settings: Readonly<Record<string, string>> = {}) => {
    const create = async () => {
      const database = await kind.createEmpty()
      assert.equal(old.run(['migrate'], { DATABASE_URL: database.url }).exitCode, 0)
      return database
    }
    return Installation.create({ name: kind.name, create }, settings, (env, words, input) => old.runJson(env, words, input))
  }

  test('K11 nodes are updated one by one under load, and set back: no request fails, no login is lost', {
    skip: postgres === undefined ? 'TEST_DATABASE_URL is not set' : missingProgram('haproxy'),
  }, async (t) => {
    const installation = await install(postgres ?? assert.fail(), { TRUSTED_PROXIES: '127.0.0.1', SHUTDOWN_GRACE_SECONDS: '3' })
    const serve = (launcher: string, port?: string) =>
      ServerProcess.start(['serve'], { ...installation.env, ...(port === undefined ? {} : { PORT: port }) }, launcher)
    const nodes = [await serve(old.launcher), await serve(old.launcher)]
    t.after(async () => {
      for (const node of nodes) await node.stop('SIGKILL')
      await installation.drop()
    })
    const origin = await startHaproxy(
      t,
      nodes.map((node) => node.origin),
    )
    const checks = await TokenChecks.prepare(installation, origin)
    const load = new LoginLoad(installation, origin, 8)
    t.after(() => Promise.all([load.stop(), checks.stop()]))
    await until(
      () => load.tokens.length > 200,
      () => 'logins',
    )
    checks.start(() => load.tokens.at(-1) ?? '')
    const migrated = migrateByThis(installation)
    const counts: string[] = []
    for (const [name, launcher] of [
      ['to this release', ownLauncher],
      ['back', old.launcher],
    ] as const) {
      const begun = load.tokens.length
      for (const [index, node] of nodes.entries()) {
        assert.equal(await node.stop('SIGTERM'), 0)
        const next = await serve(launcher, new URL(node.origin).port)
        nodes[index] = next
        if (launcher === old.launcher) assert.match(next.output, /a newer version has migrated the store/)
        await delay(paceMs)
      }
      counts.push(`${name} ${load.tokens.length - begun}`)
    }
    await load.stop()
    await checks.stop()
    const lost = await installation.countLost(load.tokens)
    t.diagnostic(
      `${migrated} migrations while two nodes of the release before served; logins ${counts.join(', ')}, and ${checks.count} checks; ` +
        `${load.failures.length + load.refusals.length} logins and ${checks.failures.length} checks failed, ${lost} lost`,
    )
    assert.deepEqual([load.failures, load.refusals, checks.failures, lost], [[], [], [], 0])
  })

  test('on SQLite: what was logged in before the update stays logged in, and the release before serves the file again', async (t) => {
    const installation = await install(sqlite ?? assert.fail())
    const service = await installation.command<GameService>('service', 'add', 'tables')
    let server = await ServerProcess.start(['serve'], installation.env, old.launcher)
    t.after(async () => {
      await server.stop('SIGKILL')
      await installation.drop()
    })
    let { data: tokens } = (await send('POST', `${server.origin}${authPath}/login`, { body: seller })).json as { data: SellerTokens }
    const sessions = [await logIn(installation, server)]
    await server.stop()
    migrateByThis(installation)
    for (const launcher of [ownLauncher, old.launcher, ownLauncher]) {
      server = await ServerProcess.start(['serve'], installation.env, launcher)
      const headers = { authorization: `Bearer ${tokens.accessToken}` }
      assert.equal((await send('GET', `${server.origin}${authPath}/me`, { headers })).status, 200)
      const { refreshToken } = tokens
      const { status, json } = await send('POST', `${server.origin}${authPath}/refresh`, { body: { refreshToken } })
      assert.equal(status, 200, JSON.stringify(json))
      tokens = (json as { data: SellerTokens }).data
      for (const token of sessions) assert.ok(isActive(await checkSession(server.origin, service, token)))
      sessions.push(await logIn(installation, server))
      await server.stop()
    }
    assert.equal(await installation.countLost(sessions), 0)
  })

  for (const kind of testStores()) {
    test(`the release before refuses a store that a later one has contracted, in words and with exit code 2 (${kind.name})`, async (t) => {
      const installation = await install(kind)
      t.after(() => installation.drop())
      migrateByThis(installation)
      await contract(installation.env.DATABASE_URL ?? '')
      for (const words of [['serve'], ['serve', '--check-config'], ['migrate'], ['status']]) {
        const { exitCode, output } = old.run(words, installation.env)
        assert.equal(exitCode, 2, `${words.join(' ')}: ${output}`)
        assert.match(output, refusal)
      }
    })
  }
})

/** `lobbykey migrate` of this release. @returns how many migrations it has applied */
function migrateByThis({ env }: Installation): number {
  const answer = execFileSync(process.execPath, [ownLauncher, 'migrate', '--json'], {
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  })
  return (JSON.parse(answer) as { applied: string[] }).applied.length
}

async function logIn(installation: Installation, { origin }: ServerProcess): Promise<string> {
  const body = installation.loginBody()
  const { json } = await send('POST', `${origin}/api/member/login`, { body })
  assert.equal((json as { code: number }).code, 200, JSON.stringify(json))
  return String(body.token)
}
