/**
 * Honest sellers while strangers guess as fast as they are answered (checks 8, 40): a real server, real connections, addresses in a trusted proxy's
 * header. The short form, without timing, is http/seller-api/lane.test.ts.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { PasswordHasher } from '../../src/core/passwords/password-hasher.ts'
import { Installation, seller } from '../support/installation.ts'
import { type Attack, codeOf, emailOf, logIn, sellersMax, startFlood } from '../support/login-flood.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { testStores } from '../support/stores.ts'

const attackMs = 15_000
const aloneMs = 5_000
/** Honest logins per second, over all sellers. */
const honestPerSecond = 10
const servedMin = 0.95
const p99MsMax = 2_000
const { password } = seller
const homeOf = (n: number) => `192.0.2.${n + 1}`

const attacks: readonly Attack[] = [
  { name: '20 connections from one address at one account', connections: 20, addresses: 1, accounts: 'one' },
  { name: '50 connections from one address at one account', connections: 50, addresses: 1, accounts: 'one' },
  { name: '500 connections from 50 addresses at the accounts', connections: 500, addresses: 50, accounts: 'all' },
  { name: '500 connections from 50 addresses at made-up e-mails', connections: 500, addresses: 50, accounts: 'none' },
]

interface Honest {
  readonly codes: Record<string, number>
  readonly served: number
  readonly p50: number
  readonly p99: number
}

/** Sellers log in from home at a constant rate, regardless of earlier results. */
async function workHonestly(server: ServerProcess, until: number): Promise<Honest> {
  const agent = new Agent({ keepAlive: true })
  const codes: Record<string, number> = {}
  const times: number[] = []
  const logins: Promise<void>[] = []
  for (let n = 0; performance.now() < until; n++) {
    const begun = performance.now()
    const login = logIn(server.origin, agent, homeOf(n % sellersMax), emailOf(n % sellersMax), password)
    logins.push(
      login.then(codeOf, String).then((code) => {
        codes[code] = (codes[code] ?? 0) + 1
        times.push(performance.now() - begun)
      }),
    )
    await delay(1_000 / honestPerSecond)
  }
  await Promise.all(logins)
  agent.destroy()
  times.sort((left, right) => left - right)
  const quantile = (share: number) => Math.round(times[Math.floor(share * times.length)] ?? 0)
  return { codes, served: (codes['0000'] ?? 0) / times.length, p50: quantile(0.5), p99: quantile(0.99) }
}

function told({ codes, served, p50, p99 }: Honest): string {
  return `served ${(100 * served).toFixed(1)} % ${JSON.stringify(codes)}, p50 ${p50} ms, p99 ${p99} ms`
}

async function open(t: TestContext, storeKind: ReturnType<typeof testStores>[number]): Promise<ServerProcess> {
  const installation = await Installation.create(storeKind, {
    TRUSTED_PROXIES: '127.0.0.1',
    ARGON2_MEMORY_KIB: '19456',
    ARGON2_PASSES: '2',
  })
  const folder = await mkdtemp(join(tmpdir(), 'lobbykey-'))
  t.after(() => rm(folder, { recursive: true }))
  const passwordHash = await (await PasswordHasher.create({ argon2MemoryKib: 19_456, argon2Passes: 2 })).hash(password)
  const lines = Array.from({ length: sellersMax }, (_, n) => JSON.stringify({ email: emailOf(n), passwordHash }))
  await writeFile(join(folder, 'sellers.jsonl'), lines.join('\n'))
  await installation.command('seller', 'import', join(folder, 'sellers.jsonl'))
  const server = await installation.serve()
  t.after(async () => {
    await server.stop()
    await installation.drop()
  })
  const agent = new Agent({ keepAlive: true })
  for (let n = 0; n < sellersMax; n++) assert.equal(codeOf(await logIn(server.origin, agent, homeOf(n), emailOf(n), password)), '0000')
  agent.destroy()
  return server
}

for (const storeKind of testStores()) {
  describe(`login floods on ${storeKind.name}`, () => {
    for (const attack of attacks) {
      test(`[check 8] [check 40] ${attack.name}: sellers at known addresses are served`, async (t) => {
        const server = await open(t, storeKind)
        // The baseline without a flood: the figures below are relative to it.
        const alone = await workHonestly(server, performance.now() + aloneMs)
        const until = performance.now() + attackMs
        const [guesses, honest] = await Promise.all([startFlood(server.origin, attack, attackMs), workHonestly(server, until)])
        t.diagnostic(`${storeKind.name}, ${attack.name}: ${told(honest)}; alone ${told(alone)}; guesses ${JSON.stringify(guesses)}`)
        assert.ok(honest.served >= servedMin && honest.p99 <= p99MsMax)
        assert.deepEqual([guesses['0000'], guesses.cut], [undefined, undefined])
      })
    }
  })
}
