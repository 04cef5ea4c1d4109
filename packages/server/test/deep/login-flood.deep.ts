/**
 * Honest sellers while strangers guess as fast as they are answered (checks 8, 40): a real server, real connections, addresses by a trusted
 * proxy's header. The short form, without times, is http/seller-api/lane.test.ts.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { PasswordHasher } from '../../src/core/passwords/password-hasher.ts'
import { type HttpAnswer, Installation, seller, send } from '../support/installation.ts'
import type { ServerProcess } from '../support/server-process.ts'
import { testStores } from '../support/stores.ts'

const sellersMax = 20
const attackMs = 15_000
const aloneMs = 5_000
/** Honest logins a second, over all sellers. */
const honestPerSecond = 10
const servedMin = 0.95
const p99MsMax = 2_000
const password = seller.password
const emailOf = (n: number) => `seller${n}@acme.example`
const homeOf = (n: number) => `192.0.2.${n + 1}`

function logIn(server: ServerProcess, agent: Agent, from: string, email: string, tried: string): Promise<HttpAnswer> {
  const url = `${server.origin}/merchant-api/seller/auth/login`
  return send('POST', url, { body: { email, password: tried }, headers: { 'x-forwarded-for': from }, agent })
}

const codeOf = ({ json }: HttpAnswer) => String((json as { code?: unknown }).code)

interface Attack {
  readonly name: string
  readonly connections: number
  /** Of a connection. */
  readonly address: (connection: number) => string
  readonly email: (connection: number, turn: number) => string
}

const attacks: readonly Attack[] = [20, 50].map((connections) => ({
  name: `${connections} connections from one address at one account`,
  connections,
  address: () => '203.0.113.7',
  email: () => emailOf(0),
}))
const fromFifty = (name: string, email: Attack['email']): Attack => ({
  name: `500 connections from 50 addresses at ${name}`,
  connections: 500,
  address: (connection) => `203.0.113.${connection % 50}`,
  email,
})
const allAttacks = [
  ...attacks,
  fromFifty('the accounts', (connection, turn) => emailOf((connection + turn) % sellersMax)),
  fromFifty('made-up e-mails', (connection, turn) => `nobody${connection}-${turn}@example.com`),
]

/** Guesses on every connection, each after the answer to the one before. @returns answers by code, once it is over */
async function guess(server: ServerProcess, attack: Attack, until: number): Promise<Record<string, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: attack.connections })
  const by: Record<string, number> = {}
  const connection = async (number: number) => {
    for (let turn = 0; performance.now() < until; turn++) {
      const code = await logIn(server, agent, attack.address(number), attack.email(number, turn), `wrong ${number} ${turn}`).then(
        codeOf,
        () => 'cut',
      )
      by[code] = (by[code] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: attack.connections }, (_, number) => connection(number)))
  agent.destroy()
  return by
}

interface Honest {
  readonly codes: Record<string, number>
  readonly served: number
  readonly p50: number
  readonly p99: number
}

/** Sellers log in from home, evenly, whatever becomes of those before them. */
async function workHonestly(server: ServerProcess, until: number): Promise<Honest> {
  const agent = new Agent({ keepAlive: true })
  const codes: Record<string, number> = {}
  const times: number[] = []
  const logins: Promise<void>[] = []
  for (let n = 0; performance.now() < until; n++) {
    const begun = performance.now()
    const login = logIn(server, agent, homeOf(n % sellersMax), emailOf(n % sellersMax), password)
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
  for (let n = 0; n < sellersMax; n++) assert.equal(codeOf(await logIn(server, agent, homeOf(n), emailOf(n), password)), '0000')
  agent.destroy()
  return server
}

for (const storeKind of testStores()) {
  describe(`login floods on ${storeKind.name}`, () => {
    for (const attack of allAttacks) {
      test(`[check 8] [check 40] ${attack.name}: sellers at known addresses are served`, async (t) => {
        const server = await open(t, storeKind)
        // What the machine can do without: a figure below is worth no more than this one.
        const alone = await workHonestly(server, performance.now() + aloneMs)
        const until = performance.now() + attackMs
        const [guesses, honest] = await Promise.all([guess(server, attack, until), workHonestly(server, until)])
        t.diagnostic(`${storeKind.name}, ${attack.name}: ${told(honest)}; alone ${told(alone)}; guesses ${JSON.stringify(guesses)}`)
        assert.ok(honest.served >= servedMin && honest.p99 <= p99MsMax)
        assert.deepEqual([guesses['0000'], guesses.cut], [undefined, undefined])
      })
    }
  })
}
