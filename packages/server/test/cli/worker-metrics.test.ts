import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Installation, send } from '../support/installation.ts'
import { killWorker, untilLogged, workerPid } from '../support/server-log.ts'
import { freePort } from '../support/server-process.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const sqlite = testStores().filter(({ name }) => name === 'sqlite')

for (const storeKind of sqlite) {
  test('/metrics combines all workers, leaves out one that hangs, and no count goes back then or when one is killed', async () => {
    const installation = await Installation.create(storeKind)
    const adminPort = String(await freePort())
    const server = await installation.serve(['--workers', '2'], { ADMIN_PORT: adminPort })
    try {
      await untilLogged(server, ({ msg }) => msg === 'serving')
      const logins = async (count: number) => {
        for (let call = 0; call < count; call++) await send('POST', `${server.origin}/api/member/login`, { body: installation.loginBody() })
      }
      const read = async () => {
        const text = await readSoon(`http://127.0.0.1:${adminPort}/metrics`)
        const value = (series: string) => Number(text.match(new RegExp(`^${series} (.*)$`, 'm'))?.[1])
        const labels = 'api="member-api",call="login"'
        return {
          processes: value('lobbykey_processes'),
          logins: value(`lobbykey_calls_total{${labels},code="200",outcome="accepted"}`),
          timed: value(`lobbykey_call_duration_seconds_count{${labels},outcome="accepted"}`),
        }
      }
      await logins(20)
      assert.deepEqual(await read(), { processes: 2, logins: 20, timed: 20 })
      const hanging = workerPid(server, 1) ?? assert.fail()
      process.kill(hanging, 'SIGSTOP')
      assert.deepEqual(await read(), { processes: 1, logins: 20, timed: 20 })
      process.kill(hanging, 'SIGCONT')
      await until(
        async () => (await read()).processes === 2,
        () => 'it, or its replacement',
      )
      assert.deepEqual(await read(), { processes: 2, logins: 20, timed: 20 })
      await killWorker(server, 1)
      await killWorker(server, 2)
      await logins(5)
      assert.deepEqual(await read(), { processes: 2, logins: 25, timed: 25 })
    } finally {
      await server.stop('SIGKILL')
      await installation.drop()
    }
  })
}

/** A connection to a worker that hangs is given up for another. */
async function readSoon(url: string): Promise<string> {
  for (;;) {
    const answer = await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(2_000) }).catch(() => null)
    if (answer !== null) return answer.text()
  }
}
