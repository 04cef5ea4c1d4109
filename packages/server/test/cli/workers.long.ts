/** `serve --workers`: real processes, on both stores. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { SellerTokens } from '@lobbykey/contract'
import { systemClock } from '../../src/core/base/clock.ts'
import { Installation, seller, send } from '../support/installation.ts'
import { LoginLoad } from '../support/login-load.ts'
import { authPath } from '../support/seller-calls.ts'
import { killWorker, logLines, untilLogged } from '../support/server-log.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const stoppedClock = new URL('../support/stopped-clock.ts', import.meta.url).href
const launcher = fileURLToPath(new URL('../../bin/lobbykey.js', import.meta.url))

for (const storeKind of testStores()) {
  describe(`serve --workers 2 on ${storeKind.name}`, () => {
    let installation: Installation
    let server: ServerProcess
    let service: { serviceId: string; secret: string }
    before(async () => {
      installation = await Installation.create(storeKind)
      await installation.addMerchant('slow', '--rate-per-second', '10')
      await installation.addMerchant('ticketed', '--launch', 'ticket')
      service = await installation.command('service', 'add', 'tables')
      server = await installation.serve(['--workers', '2'], { LOG_CALLS: 'all' })
      await untilLogged(server, ({ msg }) => msg === 'serving')
    })
    after(async () => {
      await server.stop('SIGKILL')
      await installation.drop()
    })
    const post = (path: string, body: object) => send('POST', `${server.origin}${path}`, { body })
    const me = (token: string) => send('GET', `${server.origin}${authPath}/me`, { headers: { authorization: `Bearer ${token}` } })

    test("both serve, and see each other's writes", async () => {
      const { data } = (await post(`${authPath}/login`, seller)).json as { data: SellerTokens }
      const answered = () => logLines(server).filter((line) => line.msg === 'call' && line.call === 'me')
      // The kernel distributes connections at random.
      await until(
        async () => {
          assert.equal((await me(data.accessToken)).status, 200)
          return new Set(answered().map(({ worker }) => worker)).size === 2
        },
        () => 'both workers to answer',
      )
      // The grace of a refresh: the same successor from every worker.
      const refreshed = []
      for (let call = 0; call < 8; call++) refreshed.push((await post(`${authPath}/refresh`, { refreshToken: data.refreshToken })).json)
      assert.equal(new Set(refreshed.map((answer) => JSON.stringify((answer as { data: unknown }).data))).size, 1)
      const login = installation.loginBody()
      const codes = []
      for (let call = 0; call < 8; call++) codes.push(((await post('/api/member/login', login)).json as { code: number }).code)
      assert.deepEqual(codes, Array(8).fill(200))
    })

    test('[check 25] a ticket made by one worker opens the lobby at the other, once', async () => {
      const authorization = `Basic ${Buffer.from(`${service.serviceId}:${service.secret}`).toString('base64')}`
      for (let round = 0; round < 4; round++) {
        const { data } = (await post('/api/member/login', installation.loginBody('ticketed'))).json as { data: { url: string } }
        const ticket = new URL(data.url).searchParams.get('token') ?? ''
        const body = new URLSearchParams({ agent_id: 'ticketed', ticket })
        const redeem = async () => {
          const answer = await fetch(`${server.origin}/session/redeem`, {
            method: 'POST',
            headers: { authorization, connection: 'close' },
            body,
          })
          return ((await answer.json()) as { active: boolean }).active
        }
        assert.deepEqual([await redeem(), await redeem(), await redeem()], [true, false, false])
      }
    })

    test('[check 38] a rate is the same with two workers as with one', async (t) => {
      const settings = { NODE_OPTIONS: `--import ${stoppedClock}`, STOPPED_AT: String(systemClock.now()) }
      const stopped = await installation.serve(['--workers', '2'], settings)
      t.after(() => stopped.stop('SIGKILL'))
      await untilLogged(stopped, ({ msg }) => msg === 'serving')
      const login = () => send('POST', `${stopped.origin}/api/member/login`, { body: installation.loginBody('slow') })
      const answers = await Promise.all(Array.from({ length: 80 }, login))
      const codes = answers.map(({ json }) => (json as { code: number }).code)
      assert.deepEqual(codes.sort(), [...Array(20).fill(200), ...Array(60).fill(408_004)])
    })

    test('[check 77] a worker killed under load loses no acknowledged login and is replaced', async (t) => {
      const load = new LoginLoad(installation, server.origin, 16)
      const acknowledged = (count: number) =>
        until(
          () => load.tokens.length >= count,
          () => `${count} logins`,
        )
      await acknowledged(200)
      await killWorker(server, 2)
      await acknowledged(load.tokens.length + 200)
      await load.stop()
      const { tokens, failures, refusals } = load
      t.diagnostic(`${tokens.length} acknowledged, ${failures.length} cut short`)
      assert.deepEqual(refusals, [])
      // Each connection had at most one request in progress.
      assert.ok(failures.length <= 16, JSON.stringify(failures))
      assert.equal(await installation.countLost(tokens), 0)
    })

    test('a frozen worker is detected and replaced, and the others serve meanwhile', async () => {
      const { pid } = logLines(server).findLast(({ msg, worker }) => msg === 'worker ready' && worker === 1) ?? assert.fail()
      process.kill(pid, 'SIGSTOP')
      await untilLogged(server, ({ msg, worker }) => msg === 'a worker does not answer and is killed' && worker === 1)
      await until(
        () => logLines(server).some((line) => line.msg === 'worker ready' && line.worker === 1 && line.pid !== pid),
        () => 'its successor',
      )
      assert.equal(((await post('/api/member/login', installation.loginBody())).json as { code: number }).code, 200)
    })

    test('on SIGTERM requests in progress are answered, and the process ends with 0', async () => {
      const logins = Array.from({ length: 8 }, () => post(`${authPath}/login`, seller))
      await untilLogged(server, ({ msg }) => msg === 'call')
      const exitCode = server.stop('SIGTERM')
      const answers = await Promise.allSettled(logins)
      assert.equal(await exitCode, 0)
      for (const answer of answers) assert.ok(answer.status === 'rejected' || answer.value.status < 500)
      const pids = new Set(logLines(server).map(({ pid }) => pid))
      for (const pid of pids) assert.throws(() => process.kill(pid, 0), 'no worker is left')
    })
  })
}

/** A server that is expected to end by itself. */
function runServer(args: readonly string[], env: Readonly<Record<string, string>>): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [launcher, ...args], { env: { PATH: process.env.PATH, ...env } }, (_error, output, errors) => {
      resolve({ code: child.exitCode, output: output + errors })
    })
  })
}

test('wrong settings are reported by one worker, and end the server with 2', async (t) => {
  const [storeKind] = testStores()
  const installation = await Installation.create(storeKind ?? assert.fail())
  t.after(() => installation.drop())
  const first = await installation.serve()
  t.after(() => first.stop('SIGKILL'))
  const { port } = new URL(first.origin)
  const { code, output } = await runServer(['serve', '--workers', '2'], { ...installation.env, PORT: port, HOST: '127.0.0.1' })
  assert.equal(code, 2, output)
  assert.equal(output.match(/PORT: \d+ is taken/g)?.length, 1, output)
})
