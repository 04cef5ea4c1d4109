import assert from 'node:assert/strict'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Installation, send } from '../support/installation.ts'
import { freePort, ServerProcess } from '../support/server-process.ts'
import { StallingProxy } from '../support/stalling-proxy.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'
import { temporaryFolder } from './command-line.ts'

const repository = fileURLToPath(new URL('../../../..', import.meta.url))
const launcher = fileURLToPath(new URL('../../bin/lobbykey.js', import.meta.url))

const postgres = testStores().find(({ name }) => name === 'postgres')

interface Ended {
  readonly code: number | null
  readonly output: string
  readonly errorOutput: string
}

function run(node: string, words: readonly string[], input: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(node, [launcher, ...words], (_error, output, errorOutput) => {
      resolve({ code: child.exitCode, output, errorOutput })
    })
    child.stdin?.end(input)
  })
}

/** A Node.js on this machine that is too old to run TypeScript directly, or null. */
function findOldNode(): string | null {
  for (const node of ['/usr/bin/node', '/usr/local/bin/node']) {
    try {
      if (Number.parseInt(execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }), 10) < 24) return node
    } catch {
      // Not there.
    }
  }
  return null
}

const oldNode = findOldNode()
const nodes: [string, string | null][] = [
  ['this Node.js', process.execPath],
  ['a Node.js that is too old', oldNode],
]

for (const [name, node] of nodes) {
  test(`[check 70] the launcher under ${name} passes on streams and exit code`, {
    skip: node === null && 'no Node.js older than 24 here',
  }, async () => {
    const body = '{"agent_id":"agent001","user_id":"uid001","timestamp":1734417873301}'
    const signed = await run(node ?? '', ['sign', '--key', 'l4gnD61pz4arJyv8', '--json'], body)
    assert.deepEqual([signed.code, signed.errorOutput], [0, ''])
    assert.equal((JSON.parse(signed.output) as { sign: string }).sign, 'c0504af09d2c78fe50be121453bc04c3')
    const refused = await run(node ?? '', ['sign'], '')
    assert.deepEqual([refused.code, refused.output], [2, ''])
  })
}

test('[check 69] the server ends with 0 on SIGTERM, keeps its data, and opens no debugger on SIGUSR1', async (t) => {
  const env = { DATABASE_URL: `sqlite:${join(await temporaryFolder(t), 'data', 'lobbykey.db')}` }
  const first = await ServerProcess.start(['sandbox'], env)
  process.kill(first.pid ?? 0, 'SIGUSR1')
  const { status } = await login(first.origin)
  assert.equal(status, 200)
  assert.doesNotMatch(first.output, /[Dd]ebugger/)
  assert.equal(await first.stop('SIGTERM'), 0)
  assert.match(first.output, /Lobbykey sandbox is ready at/)
  assert.doesNotMatch(first.output, /eyJ/, 'no token is logged')

  const second = await ServerProcess.start(['sandbox'], env)
  t.after(() => second.stop('SIGKILL'))
  const { refreshToken } = await login(second.origin)
  assert.ok(refreshToken)
})

test('[check 90] K10 the server ends with 0 on SIGTERM while its database hangs, and answers what waits', {
  skip: postgres === undefined && 'TEST_DATABASE_URL is not set',
}, async (t) => {
  const installation = await Installation.create(postgres ?? assert.fail())
  const { proxy, url } = await StallingProxy.before(installation.env.DATABASE_URL ?? '')
  const server = await installation.serve([], { DATABASE_URL: url })
  t.after(async () => {
    await server.stop('SIGKILL')
    proxy.close()
    await installation.drop()
  })
  proxy.stall()
  const login = send('POST', `${server.origin}/api/member/login`, { body: installation.loginBody() })
  // It has arrived when a later request has been answered.
  await send('GET', `${server.origin}/livez`, {})
  const ended = server.stop('SIGTERM')
  assert.equal((await login).status, 503)
  assert.equal(await ended, 0)
})

test('[check 40] a thread for each concurrent hash and two more, all of which yield to the event loop', {
  skip: process.platform !== 'linux' && 'only Linux gives threads priorities of their own',
}, async (t) => {
  const DATABASE_URL = `sqlite:${join(await temporaryFolder(t), 'lobbykey.db')}`
  const server = await ServerProcess.start(['sandbox'], { DATABASE_URL, PASSWORD_LANE_WIDTH: '5' })
  t.after(() => server.stop('SIGKILL'))
  const tasks = `/proc/${server.pid}/task`
  const nicenessOf = (thread: string) => Number(readFileSync(`${tasks}/${thread}/stat`, 'utf8').split(') ')[1]?.split(' ')[16])
  const threads = readdirSync(tasks).map((thread) => ({ name: readFileSync(`${tasks}/${thread}/comm`, 'utf8').trim(), thread }))
  const pool = threads.filter(({ name }) => name === 'libuv-worker').map(({ thread }) => nicenessOf(thread))
  assert.deepEqual(pool, Array(Math.max(5, availableParallelism()) + 2).fill(19))
  assert.equal(nicenessOf(String(server.pid)), 0)
})

async function login(origin: string): Promise<{ status: number; refreshToken: string }> {
  const answer = await fetch(`${origin}/merchant-api/seller/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'seller@example.com', password: 'sandbox-orchard-lantern' }),
  })
  const { data } = (await answer.json()) as { data: { refreshToken: string } }
  return { status: answer.status, refreshToken: data.refreshToken }
}

test('npm start ends with the npm that runs it, and releases its port', {
  skip: process.platform === 'win32' && 'npm ends the whole group there',
}, async (t) => {
  const PORT = String(await freePort())
  const DATABASE_URL = `sqlite:${join(await temporaryFolder(t), 'lobbykey.db')}`
  const npm = spawn('npm', ['start'], { cwd: repository, env: { ...process.env, PORT, DATABASE_URL }, stdio: ['ignore', 'pipe', 'ignore'] })
  t.after(() => npm.kill('SIGKILL'))
  let output = ''
  npm.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  await until(
    () => output.includes('is ready at'),
    () => output,
  )
  npm.kill('SIGTERM')
  await until(
    () =>
      fetch(`http://127.0.0.1:${PORT}/livez`).then(
        () => false,
        () => true,
      ),
    () => 'the port to be free',
  )
})
