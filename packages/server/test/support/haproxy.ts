/** HAProxy: in front of several nodes, as docs/operations.md configures it, or with a configuration of one's own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { send } from './installation.ts'
import { withSbin } from './missing-program.ts'
import { freePort } from './server-process.ts'
import { until } from './until.ts'

/** @returns its origin, once it answers */
export async function startHaproxy(t: TestContext, origins: readonly string[]): Promise<string> {
  const port = await freePort()
  const backend = readSnippet()
    .replaceAll('10.0.0.11:8080', new URL(origins[0] ?? '').host)
    .replaceAll('10.0.0.12:8080', new URL(origins[1] ?? '').host)
  const defaults = 'defaults\n  mode http\n  timeout connect 1s\n  timeout client 75s\n  timeout server 15s\n  timeout check 1s\n'
  const origin = `http://127.0.0.1:${port}`
  await runHaproxy(t, `${defaults}frontend door\n  bind 127.0.0.1:${port}\n  default_backend lobbykey\n${backend}\n`, () =>
    send('GET', `${origin}/livez`).then(
      ({ status }) => status === 200,
      () => false,
    ),
  )
  return origin
}

/** Runs it with this configuration until the test is over. Resolves when `isUp` says so. */
export async function runHaproxy(t: TestContext, configuration: string, isUp: () => Promise<boolean>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-haproxy-'))
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, configuration)
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'], env: withSbin })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  t.after(async () => {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    rmSync(folder, { recursive: true, force: true })
  })
  await until(isUp, () => `haproxy: ${errors}`)
}

function readSnippet(): string {
  const text = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8')
  return /```haproxy\n([\s\S]*?)```/.exec(text)?.[1] ?? ''
}
