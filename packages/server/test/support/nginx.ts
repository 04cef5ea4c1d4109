/** nginx in front of several nodes, as docs/operations.md configures it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { send } from './installation.ts'
import { withSbin } from './missing-program.ts'
import { freePort } from './server-process.ts'
import { until } from './until.ts'

/**
 * Runs the snippets of docs/operations.md around `location /api/`, on a free port.
 * @param isRepeated whether it repeats a call at another node when the first gives no answer, as documented
 * @returns its origin, once it answers
 */
export async function startNginx(t: TestContext, origins: readonly string[], isRepeated = true): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-nginx-'))
  const port = await freePort()
  const documented = readSnippets()
    .replace('10.0.0.11:8080', new URL(origins[0] ?? '').host)
    .replace('10.0.0.12:8080', new URL(origins[1] ?? '').host)
  const [upstream, location = ''] = documented.split('\f')
  const own = isRepeated ? location : location.replace(' non_idempotent', '')
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')
  const site = `${upstream} server { listen 127.0.0.1:${port}; ${own} location / { proxy_pass http://lobbykey; proxy_http_version 1.1; proxy_set_header Host $host; proxy_set_header Connection ""; } }`
  const main = `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log; events {}`
  writeFileSync(join(folder, 'nginx.conf'), `${main} http { access_log off; ${paths} ${site} }`)
  const child: ChildProcess = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    stdio: 'ignore',
    env: withSbin,
  })
  t.after(async () => {
    const exited = once(child, 'exit')
    child.kill()
    await exited
    rmSync(folder, { recursive: true, force: true })
  })
  const origin = `http://127.0.0.1:${port}`
  const isUp = () =>
    send('GET', `${origin}/livez`).then(
      ({ status }) => status === 200,
      () => false,
    )
  await until(isUp, () => `nginx: ${readFileSync(join(folder, 'error.log'), 'utf8')}`)
  return origin
}

function readSnippets(): string {
  const text = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8')
  const section = text.slice(text.indexOf('\n## Several nodes\n'))
  return [...section.matchAll(/```nginx\n([\s\S]*?)```/g)]
    .slice(0, 2)
    .map(([, snippet]) => snippet)
    .join('\f')
}
