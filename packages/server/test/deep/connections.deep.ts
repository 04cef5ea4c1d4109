/** How strangers' connections affect everybody else (checks 43, 85, 88): a real server, real sockets, and honest callers. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { Agent } from 'node:http'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { aheadMax } from '../../src/http/connections/turns.ts'
import { Installation, send } from '../support/installation.ts'
import { LoginLoad } from '../support/login-load.ts'
import { missingProgram } from '../support/missing-program.ts'
import { startPipelining } from '../support/pipelining-flood.ts'
import { ServerProcess } from '../support/server-process.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const rounds = 10
const livezMsMax = 250
const honestP99MsMax = 500
/** A slow connection is closed at the next check after fifteen seconds without progress, a little later on busy processors. */
const slowMsMax = 20_000
const slowPerSecond = 400
/** The largest answer that anybody can request. */
const page = '/docs/scalar.js'

/**
 * Asks every 20 ms; `stop` returns how long the answers took. @param agent keeps connections, like a proxy; without one each request opens its own
 */
function watchHealth(origin: string, agent?: Agent) {
  const times: number[] = []
  const failures: string[] = []
  const asks: Promise<void>[] = []
  const timer = setInterval(() => {
    const begun = performance.now()
    const ask = send('GET', `${origin}/livez`, agent === undefined ? {} : { agent }).then(
      ({ status }) => void (status === 200 ? times.push(performance.now() - begun) : failures.push(String(status))),
      (error: Error) => void failures.push(error.message),
    )
    asks.push(ask)
  }, 20)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(asks)
      agent?.destroy()
      times.sort((left, right) => left - right)
      const at = (share: number) => Math.round(times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0)
      return { count: times.length, p50: at(0.5), p99: at(0.99), worst: at(1), failures }
    },
  }
}

async function open(t: TestContext, storeKind: ReturnType<typeof testStores>[number], settings: Record<string, string>, shell = '') {
  const installation = await Installation.create(storeKind, { API_REFERENCE: 'on', ...settings })
  const server = await ServerProcess.start(['serve'], installation.env, undefined, shell)
  t.after(async () => {
    await server.stop('SIGKILL')
    await installation.drop()
  })
  // It is built on first use.
  const { status } = await send('GET', `${server.origin}${page}`)
  assert.equal(status, 200)
  return { installation, server, port: Number(new URL(server.origin).port) }
}

for (const storeKind of testStores()) {
  for (const connections of [20, 100]) {
    test(`[check 85] ${connections} connections that send 4,000 requests in a packet delay nobody (${storeKind.name})`, async (t) => {
      const { installation, server, port } = await open(t, storeKind, {})
      const load = new LoginLoad(installation, server.origin, 1)
      await until(
        () => load.tokens.length > 50,
        () => 'logins',
      )
      const before = watchHealth(server.origin)
      await delay(3_000)
      const alone = await before.stop()
      const kept = watchHealth(server.origin, new Agent({ keepAlive: true, maxSockets: 8 }))
      const health = watchHealth(server.origin)
      const flood = await startPipelining({ port, connections, requests: 4_000, rounds })
      const { failures, ...fresh } = await health.stop()
      const { failures: keptFailures, ...under } = await kept.stop()
      await load.stop()
      t.diagnostic(
        `${storeKind.name}, ${connections} x 4,000: ${flood.packets} packets, ${flood.answers} answers; /livez on kept connections ` +
          `${JSON.stringify(under)}, on new ones ${JSON.stringify(fresh)}, alone ${JSON.stringify(alone)}; logins ${load.tokens.length}, slowest ${Math.round(load.slowestMs)} ms`,
      )
      assert.deepEqual([failures, keptFailures, load.refusals, load.failures], [[], [], [], []])
      for (const { worst } of [under, fresh]) assert.ok(worst <= livezMsMax, `/livez took ${worst} ms`)
    })
  }

  /** 1,300 clients that request much and read nothing. From 127.0.1.1 on, this many each. */
  const neverRead = async (port: number, perAddress: number) => {
    const open: Socket[] = []
    const asked = `GET ${page} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`.repeat(aheadMax)
    for (let n = 0; n < 1_300; n++) {
      const localAddress = `127.0.1.${1 + Math.floor(n / perAddress)}`
      const socket = connect({ port, host: '127.0.0.1', localAddress })
      socket.on('error', () => {})
      socket.pause()
      socket.write(asked)
      open.push(socket)
      if (n % 50 === 0) await delay(5)
    }
    return () => {
      for (const socket of open) socket.destroy()
    }
  }

  test(`[check 85] [check 88] K13 1,300 clients of one address that never read, 1,024 descriptors: all others are served (${storeKind.name})`, async (t) => {
    const { installation, server, port } = await open(t, storeKind, {}, 'ulimit -n 1024')
    await judgeUnread(t, `${storeKind.name}, one address`, { installation, server, attack: () => neverRead(port, 1_300) })
  })

  test(`[check 85] [check 88] K13 1,300 clients of 13 addresses that never read, 1,024 descriptors: a trusted proxy's are served (${storeKind.name})`, async (t) => {
    const { installation, server, port } = await open(t, storeKind, { TRUSTED_PROXIES: '127.0.0.1' }, 'ulimit -n 1024')
    await judgeUnread(t, `${storeKind.name}, 13 addresses`, { installation, server, attack: () => neverRead(port, 100) })
  })

  const slow: Readonly<Record<string, readonly string[]>> = {
    header: ['-H', '-i', '3', '-x', '24', '-l', '30'],
    body: ['-B', '-i', '3', '-x', '24', '-s', '8192', '-f', 'application/json', '-t', 'POST', '-l', '30'],
    read: ['-X', '-k', '4', '-w', '10', '-y', '20', '-n', '5', '-z', '32', '-l', '60'],
  }
  for (const [kind, words] of Object.entries(slow)) {
    test(`[check 43] slowhttptest, slow ${kind}, 2,000 connections: honest callers are served, slow ones closed (${storeKind.name})`, {
      skip: missingProgram('slowhttptest'),
    }, async (t) => {
      // As if each came from a separate address.
      const { installation, server } = await open(t, storeKind, { CONNECTIONS_PER_PEER: '0' }, 'ulimit -n 16384')
      const load = new LoginLoad(installation, server.origin, 2)
      const path = kind === 'body' ? '/merchant-api/seller/auth/login' : page
      const kept = watchHealth(server.origin, new Agent({ keepAlive: true, maxSockets: 8 }))
      const health = watchHealth(server.origin)
      const before = descriptorsOf(server)
      const begun = performance.now()
      const tool = promisify(execFile)(
        'slowhttptest',
        [...words, '-c', '2000', '-r', String(slowPerSecond), '-p', '5', '-u', `${server.origin}${path}`],
        { maxBuffer: 1 << 26 },
      ).catch((error) => error as { stdout: string })
      // A slow reader does not notice that it was cut: the server's descriptors show it.
      if (kind === 'read') {
        await until(
          () => descriptorsOf(server) > before + 200,
          () => `${descriptorsOf(server) - before} to be open`,
        )
        await until(
          () => descriptorsOf(server) <= before + 32,
          () => `${descriptorsOf(server) - before} to be closed`,
          2 * slowMsMax,
        )
      }
      const closedMs = performance.now() - begun
      const { stdout } = await tool
      const lasted = performance.now() - begun
      const { failures, ...fresh } = await health.stop()
      const { failures: keptFailures, ...honest } = await kept.stop()
      await load.stop()
      const ending = /Exit status:\s*(.*)/.exec(plain(stdout))?.[1]?.trim()
      t.diagnostic(
        `${storeKind.name}, slow ${kind}: ${ending}, after ${Math.round(lasted / 1_000)} s, its connections closed after ${Math.round(closedMs / 1_000)} s; /livez on kept connections ${JSON.stringify(honest)}, on new ones ${JSON.stringify(fresh)}; logins ` +
          `${load.tokens.length}, slowest ${Math.round(load.slowestMs)} ms`,
      )
      assert.deepEqual([failures, keptFailures, load.refusals, load.failures], [[], [], [], []])
      assert.ok(honest.p99 <= honestP99MsMax, `${honest.p99} ms`)
      if (kind !== 'read') assert.equal(ending, 'No open connections left')
      // Readers are admitted late, after megabytes written for earlier ones.
      const [slowestMs, msMax] = kind === 'read' ? [closedMs, 2 * slowMsMax] : [lasted, (2_000 / slowPerSecond) * 1_000 + slowMsMax]
      assert.ok(slowestMs <= msMax, `${slowestMs} ms`)
    })
  }
}

/** Removes the tool's terminal colours. */
const plain = (text: string) => text.replace(new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g'), '')

const descriptorsOf = ({ pid }: ServerProcess) => readdirSync(`/proc/${pid}/fd`).length

interface UnreadScene {
  readonly installation: Installation
  readonly server: ServerProcess
  /** @returns a function that releases its sockets */
  readonly attack: () => Promise<() => void>
}

async function judgeUnread(t: TestContext, what: string, { installation, server, attack }: UnreadScene): Promise<void> {
  const load = new LoginLoad(installation, server.origin, 2)
  const kept = watchHealth(server.origin, new Agent({ keepAlive: true, maxSockets: 8 }))
  const health = watchHealth(server.origin)
  const before = descriptorsOf(server)
  const begun = performance.now()
  t.after(await attack())
  await until(
    () => descriptorsOf(server) > before + 200,
    () => `${descriptorsOf(server) - before} to be open`,
  )
  await delay(5_000)
  const most = descriptorsOf(server)
  // A socket that is not read does not see its end: the server's descriptors show it.
  await until(
    () => descriptorsOf(server) <= before + 32,
    () => `${descriptorsOf(server) - before} to be closed`,
    2 * slowMsMax,
  )
  const closedMs = Math.round(performance.now() - begun)
  const { failures, ...honest } = await health.stop()
  const { failures: keptFailures, ...keptOnes } = await kept.stop()
  await load.stop()
  const lost = await installation.countLost(load.tokens)
  t.diagnostic(
    `${what}: ${before} descriptors, ${most} in the attack; all closed after ${closedMs} ms; /livez on kept connections ${JSON.stringify(keptOnes)}, on new ones ` +
      `${JSON.stringify(honest)}, ${failures.length} failed; logins ` +
      `${load.tokens.length}, ${lost} lost, slowest ${Math.round(load.slowestMs)} ms`,
  )
  assert.deepEqual(
    [lost, [...failures, ...keptFailures].slice(0, 3), load.refusals.slice(0, 3), load.failures.slice(0, 3)],
    [0, [], [], []],
  )
  assert.ok(load.slowestMs <= livezMsMax, `a login on a kept connection took ${load.slowestMs} ms`)
  assert.ok(closedMs <= 2 * slowMsMax, `${closedMs} ms`)
  const newcomer = connect(Number(new URL(server.origin).port), '127.0.0.1')
  await once(newcomer, 'connect')
  newcomer.destroy()
}
