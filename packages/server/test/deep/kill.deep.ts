import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { countLostLogins } from '../support/lost-logins.ts'
import { ServerProcess } from '../support/server-process.ts'
import { loginBody, signed } from '../support/signed-body.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const kills = 50
const clients = 16

for (const kind of testStores()) {
  test(`[check 77] K1 K2 ${kind.name === 'sqlite' ? 'K3 ' : ''}${kills} kills during a burst of logins lose no acknowledged one (${kind.name})`, async (t) => {
    const { url, drop } = await kind.create()
    const masterKey = randomBytes(32)
    const env = {
      DATABASE_URL: url,
      MASTER_KEY: masterKey.toString('base64'),
      LOG_LEVEL: 'fatal',
      RATE_PER_MERCHANT: '0',
      RATE_PER_ADDRESS: '0',
    }
    let acknowledged = 0
    let interrupted = 0
    for (let round = 0; round < kills; round++) {
      const server = await ServerProcess.start(['sandbox'], env)
      const tokens: string[] = []
      let isKilled = false
      const burst = Array.from({ length: clients }, async () => {
        while (!isKilled) {
          const body = signed(loginBody(Date.now(), { token: randomBytes(12).toString('base64url') }))
          try {
            const answer = await fetch(`${server.origin}/api/member/login`, {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(body),
            })
            const { code } = (await answer.json()) as { code: number }
            assert.equal(code, 200)
            tokens.push(String(body.token))
          } catch (error) {
            // Only the kill may cut a request off.
            if (!isKilled) throw error
            interrupted++
          }
        }
      })
      // However slow the machine is, some logins were acknowledged and could be lost.
      await until(
        () => tokens.length > 0,
        () => 'a login to be acknowledged',
      )
      await delay(Math.random() * 150)
      isKilled = true
      await server.stop('SIGKILL')
      await Promise.all(burst)
      acknowledged += tokens.length
      assert.equal(await countLostLogins({ url, masterKey, agentId: 'agent001', userId: 'uid001', tokens }), 0, `round ${round}`)
    }
    t.diagnostic(`${kind.name}: ${kills} kills, ${acknowledged} acknowledged logins, ${interrupted} cut short, 0 lost`)
    assert.ok(acknowledged >= kills)
    await drop()
  })
}
