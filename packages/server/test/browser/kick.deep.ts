/** How soon a member in the lobby sees a kick from the command line: real processes, a real browser, real time. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { guestLogin, memberLogin, type SignedCall } from '@lobbykey/contract'
import type { Browser } from 'playwright-core'
import { ServerProcess } from '../support/server-process.ts'
import { signed } from '../support/signed-body.ts'
import { sampleBody } from '../support/signed-calls.ts'
import { browserAbsence, launchBrowser } from './browser.ts'

const kicks = 20
const launcher = fileURLToPath(new URL('../../bin/lobbykey.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'lobbykey-kick-'))
const path = join(folder, 'lobbykey.db')
const env = { PATH: process.env.PATH ?? '', DATABASE_URL: `sqlite:${path}`, MASTER_KEY: randomBytes(32).toString('hex') }

let server: ServerProcess
let browser: Browser
before(async () => {
  if (browserAbsence !== false) return
  server = await ServerProcess.start(['sandbox'], env)
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await server?.stop()
  rmSync(folder, { recursive: true })
})

for (const call of [memberLogin, guestLogin]) {
  test(`${kicks} kicks after a ${call.name} are shown within a second, and acknowledged`, { skip: browserAbsence }, async (context) => {
    const delaysMs: number[] = []
    for (let count = 0; count < kicks; count++) {
      const { url, userId } = await enter(call)
      const page = await browser.newPage()
      const following = page.waitForResponse((response) => response.url().includes('/lobby/events'))
      await page.goto(url)
      await following
      const told = page.evaluate<number>(`new Promise((resolve) => {
        const look = () => { if (document.querySelector('.end h1')) resolve(Date.now()) }
        new MutationObserver(look).observe(document.body, { childList: true, subtree: true })
      })`)
      const { stdout } = await promisify(execFile)(process.execPath, [launcher, 'member', 'kick', 'agent001', userId, '--json'], { env })
      delaysMs.push((await told) - lastEnd())
      assert.deepEqual(JSON.parse(stdout), { agentId: 'agent001', userId, ended: 1, entered: 1, acknowledged: 1 })
      await page.close()
    }
    delaysMs.sort((a, b) => a - b)
    context.diagnostic(`from the end to the page: median ${delaysMs[kicks >> 1]} ms, slowest ${delaysMs.at(-1)} ms`)
    assert.ok((delaysMs.at(-1) ?? Number.NaN) < 1_000)
  })
}

async function enter(call: SignedCall): Promise<{ url: string; userId: string }> {
  const response = await fetch(server.origin + call.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(signed(sampleBody(call, Date.now()), { call })),
  })
  const { data } = (await response.json()) as { data: { url: string } }
  return { url: data.url, userId: new URL(data.url).searchParams.get('uid') ?? '' }
}

/** When a session last ended, by the clock of the command that ended it, ms. */
function lastEnd(): number {
  const database = new DatabaseSync(path, { readOnly: true })
  const row = database.prepare('select max(ended_at) as at from member_sessions').get()
  database.close()
  return Number(row?.at)
}
