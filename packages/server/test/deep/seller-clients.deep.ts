/**
 * Two processes of SellerClient with one storage and short-lived tokens, while the gateway is killed and restarted. No call fails, there is one
 * login, and only as many refreshes as the tokens' life requires. `MINUTES=20` for the long form.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { ServerProcess } from '../support/server-process.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const tokenSeconds = 60
const minutes = Number(process.env.MINUTES ?? 3)
const seconds = minutes * 60
const kills = Math.ceil(minutes / 4)
/** Per process; in 20 minutes over 10,000 calls together. */
const callers = 10
/** Longer than a busy machine needs to restart the gateway: any failure is then the client's. */
const deadlineMs = 60_000

/** Makes calls as instructed, and prints the results. */
const program = `
import { FileStorage, SellerClient } from 'lobbykey-client/seller'
const { baseUrl, path, seller, seconds, callers, deadlineMs } = JSON.parse(process.argv[1])
const told = { calls: 0, failures: [], logins: 0, refreshes: 0, expired: 0, slowestMs: 0 }
const counting = async (url, init) => {
  const response = await fetch(url, init)
  if (response.ok && String(url).endsWith('/login')) told.logins++
  if (response.ok && String(url).endsWith('/refresh')) told.refreshes++
  if (response.status === 401) told.expired++
  return response
}
const client = new SellerClient({ baseUrl, ...seller, storage: new FileStorage(path), deadlineMs, fetch: counting, warn: () => {} })
const end = performance.now() + seconds * 1000
const caller = async () => {
  while (performance.now() < end) {
    const began = performance.now()
    await client.me().then(() => told.calls++, (error) => told.failures.push(String(error)))
    told.slowestMs = Math.max(told.slowestMs, Math.round(performance.now() - began))
    await new Promise((resolve) => setTimeout(resolve, 1000 + Math.random() * 1500))
  }
}
await Promise.all(Array.from({ length: callers }, caller))
console.log(JSON.stringify(told))
`

interface Told {
  readonly calls: number
  readonly failures: readonly string[]
  readonly logins: number
  readonly refreshes: number
  readonly expired: number
  readonly slowestMs: number
}

test(`two processes, one storage, tokens of ${tokenSeconds} s, ${minutes} minutes, the gateway killed ${kills} times`, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-sellers-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const start = (port?: string) =>
    ServerProcess.start(['sandbox'], {
      DATABASE_URL: `sqlite:${join(folder, 'store.db')}`,
      MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
      ACCESS_TOKEN_SECONDS: String(tokenSeconds),
      LOG_LEVEL: 'fatal',
      ...(port === undefined ? {} : { PORT: port }),
    })
  let server = await start()
  context.after(() => server.stop())
  const { origin: baseUrl } = server
  const input = JSON.stringify({ baseUrl, path: join(folder, 'tokens.json'), seller: sampleSeller, seconds, callers, deadlineMs })
  const processes = [0, 1].map(() =>
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program, input], { cwd: root }),
  )
  for (let kill = 0; kill < kills; kill++) {
    await delay((seconds * 1_000) / (kills + 1))
    await server.stop('SIGKILL')
    server = await start(new URL(baseUrl).port)
  }
  const told = (await Promise.all(processes)).map(({ stdout }) => JSON.parse(stdout) as Told)
  context.diagnostic(JSON.stringify(told))
  const sum = (of: (one: Told) => number) => told.reduce((total, one) => total + of(one), 0)
  const failures = told.flatMap((one) => one.failures)
  assert.deepEqual(failures, [])
  const logins = sum((one) => one.logins)
  assert.equal(logins, 1)
  const calls = sum((one) => one.calls)
  assert.ok(calls > seconds * 2, `${calls} calls`)
  // Each renewal serves both processes. The earliest is at 75 % of a token's life; a token that a kill affected may be renewed once more.
  const refreshes = sum((one) => one.refreshes)
  assert.ok(refreshes >= seconds / tokenSeconds - 1 && refreshes <= seconds / (tokenSeconds * 0.75) + 1 + kills, `${refreshes} refreshes`)
})
