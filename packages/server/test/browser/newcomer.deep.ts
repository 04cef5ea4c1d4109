/** From a clean clone to the first signed login in the playground, like a newcomer: prints each part's wall time. Needs the registry. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../support/server-process.ts'
import { browserAbsence, launchBrowser } from './browser.ts'

const repository = fileURLToPath(new URL('../../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'lobbykey-newcomer-'))
after(() => rmSync(folder, { recursive: true }))

/** The machine's own Node.js and npm: a newcomer has none of the repository's. */
const path = (process.env.PATH ?? '').split(delimiter).filter((part) => !part.includes('node_modules'))
const env = { HOME: process.env.HOME ?? folder, PATH: path.join(delimiter) }

const times: [part: string, seconds: number][] = []

async function timed<T>(part: string, run: () => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  const result = await run()
  times.push([part, (performance.now() - startedAt) / 1_000])
  return result
}

test('from a clean clone to the first signed login in the playground', { skip: browserAbsence }, async () => {
  const clone = join(folder, 'clone')
  const run = promisify(execFile)
  const { stdout: version } = await run('node', ['--version'], { env })
  await timed('git clone', () => run('git', ['clone', '--quiet', repository, clone], { env }))
  await timed('npm ci', () => run('npm', ['ci'], { cwd: clone, env, maxBuffer: 16_777_216 }))
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  // In a process group, so that npm's child ends with it.
  const server = spawn('npm', ['start'], { cwd: clone, env: { ...env, PORT: String(port) }, stdio: 'ignore', detached: true })
  const browser = await launchBrowser()
  try {
    await timed('npm start, until it is ready', async () => {
      while ((await fetch(`${origin}/readyz`).catch(() => null))?.status !== 200) await delay(20)
    })
    await timed('start page, playground, one click', async () => {
      const page = await browser.newPage()
      await page.goto(origin)
      await page.getByRole('link', { name: 'Playground' }).click()
      await page.getByRole('button', { name: 'Send' }).click()
      assert.equal(await page.getByTestId('code').textContent(), '200')
    })
  } finally {
    await browser.close()
    process.kill(-(server.pid ?? 0), 'SIGTERM')
    await once(server, 'exit')
  }
  const whole = times.reduce((sum, [, seconds]) => sum + seconds, 0)
  for (const [part, seconds] of [...times, [`whole, under Node.js ${version.trim()}`, whole] as const]) {
    console.log(`${seconds.toFixed(1).padStart(6)} s  ${part}`)
  }
})
