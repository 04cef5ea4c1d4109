/** The packed client plays every case on each runtime that its page promises. They are installed into matrix/runtimes; Linux x64. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { DriverAnswer } from '../../../clients/conformance/conformance-case.ts'
import { isForBrowsers, isForDeno, isForWorkers } from '../../../clients/conformance/players.ts'
import { type CaseDriver, Driver, runCases } from '../../../clients/conformance/run-cases.ts'
import { sampleSeller } from '../../server/src/sandbox/sample-partners.ts'
import { startTestGateway } from '../../server/test/support/gateway.ts'
import { freePort } from '../../server/test/support/server-process.ts'
import { SellerClient } from '../src/seller/index.ts'
import { installRuntimes, runtimes } from './installed-runtimes.ts'
import { installPackedClient } from './packed-client.ts'

const isLinux = process.platform === 'linux' && process.arch === 'x64'
const skip = isLinux ? false : 'the runtimes are those of Linux x64'
const folder = isLinux ? installPackedClient() : ''
after(() => rmSync(folder, { recursive: true, force: true }))
if (isLinux) installRuntimes()
const bin = (name: string) => join(runtimes, 'node_modules', name)
const commands: Readonly<Record<string, readonly string[]>> = {
  'Node.js 20': [bin('node-20/bin/node'), 'driver.js'],
  'Node.js 22': [bin('node-22/bin/node'), 'driver.js'],
  'Node.js 24': [bin('node-24/bin/node'), 'driver.js'],
  'Node.js 26': [bin('node-26/bin/node'), 'driver.js'],
  Bun: [bin('@oven/bun-linux-x64/bin/bun'), 'driver.js'],
  Deno: [bin('@deno/linux-x64-glibc/deno'), 'run', '--quiet', '--allow-all', 'driver.js'],
}

/** The options of the tests' own Node.js are for no other: it loads the server in bundles, by hooks that older versions lack. */
const env = { NODE_OPTIONS: '' }
/** A browser or a worker starts slowly where much else runs. */
const startMs = 120_000

const { issuer, accessToken, setClock } = isLinux ? await startIssuer() : { issuer: '', accessToken: '', setClock: () => {} }
for (const [name, command] of Object.entries(commands)) {
  test(`the packed client does what every client does on ${name}`, { skip }, (context) =>
    runCases(context, new Driver(command, folder, env), name === 'Deno' ? isForDeno : undefined),
  )
  test(`the packed verifier takes a live token, and no other, on ${name}`, { skip }, async () => {
    const [program = '', ...options] = command
    setClock()
    const { stdout } = await promisify(execFile)(program, [...options.slice(0, -1), 'verify.js', issuer, accessToken], {
      cwd: folder,
      env: { ...process.env, ...env },
    })
    assert.equal(stdout, 'true 10008\n')
  })
}

test('the packed client does what every client does on workerd, without files', { skip }, async (context) => {
  await runCases(context, await WorkerDriver.start(), isForWorkers)
})

const chromiumPath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path))
test("the packed seller client does what every client's does in Chromium", { skip: chromiumPath === undefined }, async (context) => {
  const browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'], timeout: startMs })
  context.after(() => browser.close())
  await runCases(context, new PageDriver(browser), isForBrowsers)
})

/** A gateway with a seller who is logged in, and a program that verifies its token. */
async function startIssuer(): Promise<{ issuer: string; accessToken: string; setClock: () => void }> {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const gateway = await startTestGateway({ settings: { publicUrl: issuer } })
  after(() => gateway.close())
  // The gateway's clock stands still: a minute later its revocation feed would be past its expiry.
  const setClock = () => gateway.clock.advance(Date.now() - gateway.clock.now())
  setClock()
  await gateway.app.listen({ host: '127.0.0.1', port })
  writeFileSync(
    join(folder, 'verify.js'),
    `import process from 'node:process'
import { createVerifier } from 'lobbykey-client/verify'
const [issuer, token] = process.argv.slice(-2)
const verifier = createVerifier({ issuer })
const { expiresAt } = await verifier.verify(token)
const refusal = await verifier.verify(token.slice(0, -9) + 'AAAAAAAAA').catch((error) => error)
console.log(expiresAt > Date.now(), refusal.code)
process.exit()
`,
  )
  return { issuer, setClock, accessToken: await new SellerClient({ baseUrl: issuer, ...sampleSeller }).accessToken() }
}

/** A worker that answers a case by HTTP. */
class WorkerDriver implements CaseDriver {
  readonly #url: string
  readonly #stop: () => void

  private constructor(url: string, stop: () => void) {
    this.#url = url
    this.#stop = stop
  }

  static async start(): Promise<WorkerDriver> {
    const port = await freePort()
    writeFileSync(
      join(folder, 'worker.js'),
      `import { runWork } from './run-work.js'
export default { fetch: async (request) => Response.json(await runWork(await request.json())) }
`,
    )
    const published = readdirSync(join(folder, 'node_modules/lobbykey-client')).filter((name) => name.endsWith('.js'))
    const modules = [
      ...['worker.js', 'run-work.js'].map((name) => [name, name]),
      // Bare names are names of modules; what they import lies beside them.
      ...published.map((name) => [
        `lobbykey-client/${name.replace(/^(merchant|seller)\.js$/, '$1')}`,
        `node_modules/lobbykey-client/${name}`,
      ]),
    ].filter(([name = '']) => !/(admin|verify)\.js$/.test(name))
    writeFileSync(
      join(folder, 'config.capnp'),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "internet", network = (allow = ["private"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [${modules.map(([name, file]) => `(name = "${name}", esModule = embed "${file}")`).join(', ')}],
  compatibilityDate = "2026-11-01",
);
`,
    )
    const child = spawn(bin('@cloudflare/workerd-linux-64/bin/workerd'), ['serve', 'config.capnp'], { cwd: folder, stdio: 'inherit' })
    const driver = new WorkerDriver(`http://127.0.0.1:${port}/`, () => child.kill())
    for (const end = performance.now() + startMs; !(await isOpen(port)); await delay(100)) {
      if (child.exitCode === null && performance.now() < end) continue
      driver.close()
      throw new Error('workerd did not start')
    }
    return driver
  }

  async run(work: object): Promise<DriverAnswer> {
    return (await (await fetch(this.#url, { method: 'POST', body: JSON.stringify(work) })).json()) as DriverAnswer
  }

  close(): void {
    this.#stop()
  }
}

/** A page of the gateway's own origin, as a marketplace's console would be. */
class PageDriver implements CaseDriver {
  readonly #browser: Browser
  #page: Page | null = null

  constructor(browser: Browser) {
    this.#browser = browser
  }

  async run(work: { readonly options: { readonly baseUrl: string } } & object): Promise<DriverAnswer> {
    this.#page ??= await this.#open(new URL(work.options.baseUrl).origin)
    return this.#page.evaluate(`import('/run-work.js').then(({ runWork }) => runWork(${JSON.stringify(work)}))`) as Promise<DriverAnswer>
  }

  close(): void {}

  async #open(origin: string): Promise<Page> {
    const page = await this.#browser.newPage()
    page.setDefaultTimeout(startMs)
    const html = `<!doctype html><script type="importmap">{"imports":{"lobbykey-client/":"/node_modules/lobbykey-client/"}}</script>`
    await page.route(`${origin}/page`, (route) => route.fulfill({ contentType: 'text/html', body: html }))
    await page.route(/\.js$|lobbykey-client\/\w+$/, (route) => {
      const path = new URL(route.request().url()).pathname
      const body = readFileSync(join(folder, path.endsWith('.js') ? path : `${path}.js`), 'utf8')
      return route.fulfill({ contentType: 'text/javascript', body })
    })
    await page.goto(`${origin}/page`)
    return page
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
