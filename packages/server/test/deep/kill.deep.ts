import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { claimMasterKey } from '../../src/core/master-key-check.ts'
import { findServerSecret } from '../../src/core/server-secret.ts'
import { sessionTokenHasher } from '../../src/core/session-token.ts'
import { openStore } from '../../src/store/open-store.ts'
import { ServerProcess } from '../support/server-process.ts'
import { loginBody, signed } from '../support/signed-body.ts'
import { testStores } from '../support/stores.ts'

const kills = 50
const clients = 16

for (const kind of testStores()) {
  test(`[check 77] ${kills} kills during a burst of logins lose no acknowledged one (${kind.name})`, async (t) => {
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
            // Only the kill may cut a request short.
            if (!isKilled) throw error
            interrupted++
          }
        }
      })
      await delay(20 + Math.random() * 150)
      isKilled = true
      await server.stop('SIGKILL')
      await Promise.all(burst)
      acknowledged += tokens.length
      assert.equal(await countLost(url, masterKey, tokens), 0, `round ${round}`)
    }
    t.diagnostic(`${kind.name}: ${kills} kills, ${acknowledged} acknowledged logins, ${interrupted} cut short, 0 lost`)
    assert.ok(acknowledged > kills)
    await drop()
  })
}

/** How many acknowledged tokens have no live session in the store. */
async function countLost(url: string, masterKey: Buffer, tokens: readonly string[]): Promise<number> {
  const store = await openStore({ url })
  const hashToken = sessionTokenHasher(await findServerSecret(store.meta, await claimMasterKey(store.meta, masterKey), 'session-token'))
  let lost = 0
  for (const token of tokens) if ((await store.memberSessions.find(hashToken('agent001', token)))?.userId !== 'uid001') lost++
  await store.close()
  return lost
}
