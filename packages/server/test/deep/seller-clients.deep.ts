/** Two processes of SellerClient with one storage and short-lived tokens, the gateway restarted meanwhile: no call fails, one login. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { startTestGateway } from '../support/gateway.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const seconds = 20
const tokenSeconds = 3

/** Calls as it is told, and prints what came of it. */
const program = `
import { FileStorage, SellerClient } from 'lobbykey-client/seller'
const { baseUrl, path, seller, seconds } = JSON.parse(process.argv[1])
const told = { calls: 0, failures: [], logins: 0, refreshes: 0, expired: 0 }
const counting = async (url, init) => {
  if (String(url).endsWith('/login')) told.logins++
  if (String(url).endsWith('/refresh')) told.refreshes++
  const response = await fetch(url, init)
  if (response.status === 401) told.expired++
  return response
}
const client = new SellerClient({ baseUrl, ...seller, storage: new FileStorage(path), fetch: counting, warn: () => {} })
const end = performance.now() + seconds * 1000
const caller = async () => {
  while (performance.now() < end) {
    await client.me().then(() => told.calls++, (error) => told.failures.push(String(error)))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
await Promise.all(Array.from({ length: 8 }, caller))
console.log(JSON.stringify(told))
`

interface Told {
  readonly calls: number
  readonly failures: readonly string[]
  readonly logins: number
  readonly refreshes: number
}

test('two processes, one storage, short tokens, a gateway restarted', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-sellers-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const gateway = await startTestGateway({ settings: { accessTokenSeconds: tokenSeconds } })
  context.after(() => gateway.close())
  const keepTime = () => gateway.clock.advance(Date.now() - gateway.clock.now())
  keepTime()
  const timer = setInterval(keepTime, 20)
  context.after(() => clearInterval(timer))
  const baseUrl = await gateway.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = new URL(baseUrl)
  const input = JSON.stringify({ baseUrl, path: join(folder, 'tokens.json'), seller: sampleSeller, seconds })
  const processes = [0, 1].map(() =>
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program, input], { cwd: root }),
  )
  await new Promise((resolve) => setTimeout(resolve, (seconds * 1_000) / 2))
  await gateway.restart()
  await gateway.app.listen({ host: '127.0.0.1', port: Number(port) })
  const told = (await Promise.all(processes)).map(({ stdout }) => JSON.parse(stdout) as Told)
  context.diagnostic(JSON.stringify(told))
  const sum = (of: (one: Told) => number) => told.reduce((total, one) => total + of(one), 0)
  assert.deepEqual(
    told.flatMap(({ failures }) => failures),
    [],
  )
  assert.equal(
    sum(({ logins }) => logins),
    1,
  )
  assert.ok(sum(({ calls }) => calls) > 500)
  // Each renewal serves both processes, with one more where both come at once.
  const renewals = seconds / (tokenSeconds * 0.75)
  assert.ok(sum(({ refreshes }) => refreshes) <= 2 * renewals + 2, JSON.stringify(told))
})
