/**
 * Hours of use in minutes (check 41): member logins, session checks and sellers' calls at 70 % of what the server can do, and whether memory,
 * descriptors and latency stay as they are. `SOAK_MINUTES=30` is the whole form; 10 by default.
 *
 * Memory is what is resident after a full collection, once a minute. Between two of them it moves by a hundred MiB, as V8 sees fit, which no leak
 * of a few would show against.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { HeapInspector } from '../support/heap-inspector.ts'
import { type HttpAnswer, Installation, seller, send, userId } from '../support/installation.ts'
import { freePort } from '../support/server-process.ts'
import { testStores } from '../support/stores.ts'

const minutes = Number(process.env.SOAK_MINUTES ?? 10)
const sampleMs = 10_000
const samplesAMinute = 6
const clients = 16
const service = 'soak'
const share = 0.7
/** The first part of the run fills caches, pools and the store; only then is there a capacity to take a share of. */
const warmUpShare = 0.4
const rssSlopeMax = 1
const descriptorsMax = 8
const p99DriftMax = 0.1
/**
 * As much leaves the store as comes in, as it does in a day: sessions and replay rows (they end ten minutes after the signature) live for a minute,
 * and are deleted two minutes later.
 */
const settings = { MEMBER_SESSION_SECONDS: '60' }
const signedMsAgo = 540_000

interface Sample {
  readonly minute: number
  /** After a collection; once a minute. */
  readonly rssMiB: number | null
  readonly descriptors: number
  readonly p99Ms: number
  readonly perSecond: number
}

for (const storeKind of testStores()) {
  test(`[check 41] ${minutes} minutes at 70 % of capacity: memory, descriptors and latency stay (${storeKind.name})`, async (t) => {
    const installation = await Installation.create(storeKind, settings)
    const { secret } = await installation.command<{ secret: string }>('service', 'add', service)
    const inspectorPort = await freePort()
    const server = await installation.serve([], { NODE_OPTIONS: `--inspect=127.0.0.1:${inspectorPort}` })
    const heap = await HeapInspector.connect(inspectorPort)
    t.after(async () => {
      heap.close()
      await server.stop('SIGKILL')
      await installation.drop()
    })
    const use = await Use.start(installation, server.origin, secret)
    const capacityEmpty = await use.peak(10_000)
    use.pace(capacityEmpty * share)
    await delay(minutes * 60_000 * warmUpShare)
    use.pace(Number.POSITIVE_INFINITY)
    const capacity = await use.peak(10_000)
    use.pace(capacity * share)
    await delay(sampleMs)
    use.takeLatency()
    const samples: Sample[] = []
    const measured = minutes * (1 - warmUpShare)
    const begun = performance.now()
    for (let next = begun + sampleMs; next <= begun + measured * 60_000; next += sampleMs) {
      await delay(next - performance.now())
      const minute = (performance.now() - begun) / 60_000
      const { p99Ms, perSecond } = use.takeLatency()
      const isWholeMinute = samples.length % samplesAMinute === samplesAMinute - 1
      if (isWholeMinute) {
        // V8 gives back after the second what it freed in the first, and a moment later.
        await heap.collect()
        await heap.collect()
        await delay(500)
      }
      const { rssMiB, descriptors } = processState(server.pid ?? 0)
      samples.push({ minute, rssMiB: isWholeMinute ? rssMiB : null, descriptors, p99Ms, perSecond })
      if (isWholeMinute)
        console.error(
          `${storeKind.name}: minute ${Math.round(minute)}: ${rssMiB.toFixed(0)} MiB, ${descriptors} descriptors, p99 ${p99Ms.toFixed(1)} ms`,
        )
    }
    await use.stop()
    const memory = samples.flatMap(({ minute, rssMiB }) => (rssMiB === null ? [] : [[minute, rssMiB] as const]))
    const rssSlope = slope(memory)
    const descriptors = samples.map((sample) => sample.descriptors)
    const spread = Math.max(...descriptors) - Math.min(...descriptors)
    const third = Math.ceil(samples.length / 3)
    const p99 = (part: readonly Sample[]) => median(part.map(({ p99Ms }) => p99Ms))
    const [first, last] = [p99(samples.slice(0, third)), p99(samples.slice(-third))]
    t.diagnostic(
      `${storeKind.name}: ${use.count} calls, at the end at ${Math.round(capacity * share)}/s of ${Math.round(capacity)}/s (${Math.round(capacityEmpty)}/s on an empty store), unexpected ${use.unexpected.length}; ` +
        `RSS ${memory[0]?.[1].toFixed(0)} to ${memory.at(-1)?.[1].toFixed(0)} MiB, ${rssSlope.toFixed(2)} MiB a minute; descriptors ` +
        `${Math.min(...descriptors)} to ${Math.max(...descriptors)}; p99 ${first.toFixed(1)} ms, then ${last.toFixed(1)} ms`,
    )
    assert.deepEqual(use.unexpected.slice(0, 3), [])
    assert.ok(rssSlope < rssSlopeMax, `memory grows by ${rssSlope} MiB a minute`)
    assert.ok(spread <= descriptorsMax, `${spread} descriptors more or less`)
    assert.ok(last <= first * (1 + p99DriftMax), `p99 went from ${first} to ${last} ms`)
  })
}

/** Clients that log members in, ask whose session it is, and use a seller's token: as fast as they can, or at a pace. */
class Use {
  readonly unexpected: string[] = []
  count = 0
  readonly #agent = new Agent({ keepAlive: true })
  #latencies: number[] = []
  #since = performance.now()
  #everyMs = 0
  #isOver = false
  #clients: Promise<unknown> = Promise.resolve()

  static async start(installation: Installation, origin: string, secret: string): Promise<Use> {
    const authorization = `Basic ${Buffer.from(`${service}:${secret}`).toString('base64')}`
    const login = await send('POST', `${origin}/merchant-api/seller/auth/login`, { body: seller })
    const { accessToken } = (login.json as { data: { accessToken: string } }).data
    const use = new Use()
    const calls = [
      async () => {
        const body = installation.loginBody('acme', signedMsAgo)
        use.#check(await use.#send('POST', `${origin}/api/member/login`, { body }), 200)
        const check = { body: new URLSearchParams({ agent_id: 'acme', token: String(body.token) }), headers: { authorization } }
        use.#check(await use.#send('POST', `${origin}/session/check`, check), undefined)
      },
      async () => {
        const me = { headers: { authorization: `Bearer ${accessToken}` } }
        use.#check(await use.#send('GET', `${origin}/merchant-api/seller/auth/me`, me), '0000')
      },
    ]
    const work = async (client: number) => {
      await delay(use.#everyMs * Math.random())
      for (let turn = client; !use.#isOver; turn++) {
        const begun = performance.now()
        await calls[turn % calls.length]?.()
        await delay(use.#everyMs === 0 ? 0 : Math.max(0, use.#everyMs - (performance.now() - begun)))
      }
    }
    use.#clients = Promise.all(Array.from({ length: clients }, (_, client) => work(client)))
    return use
  }

  /** How many calls a second there are without a pause between them. */
  async peak(ms: number): Promise<number> {
    await delay(ms / 2)
    this.takeLatency()
    await delay(ms)
    return this.takeLatency().perSecond
  }

  /** A turn is a call and a half. */
  pace(perSecond: number): void {
    this.#everyMs = (clients * 1.5 * 1_000) / perSecond
  }

  takeLatency(): { p99Ms: number; perSecond: number } {
    const [latencies, since] = [this.#latencies, this.#since]
    this.#latencies = []
    this.#since = performance.now()
    latencies.sort((a, b) => a - b)
    return { p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0, perSecond: (latencies.length * 1_000) / (this.#since - since) }
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#clients
    this.#agent.destroy()
  }

  async #send(method: 'GET' | 'POST', url: string, options: object): Promise<HttpAnswer> {
    const begun = performance.now()
    const answer = await send(method, url, { ...options, agent: this.#agent })
    this.#latencies.push(performance.now() - begun)
    this.count++
    return answer
  }

  #check({ status, json }: HttpAnswer, code: unknown): void {
    const body = json as { code?: unknown; user_id?: unknown }
    if (status !== 200 || (code === undefined ? body.user_id !== userId : body.code !== code)) {
      this.unexpected.push(`${status} ${JSON.stringify(json)}`)
    }
  }
}

function processState(pid: number): { rssMiB: number; descriptors: number } {
  const kib = Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  return { rssMiB: kib / 1_024, descriptors: readdirSync(`/proc/${pid}/fd`).length }
}

/** By least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  return mean(points.map(([px, py]) => (px - x) * (py - y))) / mean(points.map(([px]) => (px - x) ** 2))
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
}
