/** The release as an operator gets it: built twice, installed into an empty folder, both logins. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/core/base/clock.ts'
import { version } from '../../src/core/base/version.ts'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { ServerProcess } from '../support/server-process.ts'
import { loginBody, signed } from '../support/signed-body.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'lobbykey-release-'))
after(() => rmSync(folder, { recursive: true }))

test('built twice, the release has the same checksums', () => {
  assert.equal(build(), build())
})

test('installed from its package into an empty folder, the sandbox accepts both logins', async (context) => {
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const packed = join(root, `dist/lobbykey-${version}.tgz`)
  const listed = execFileSync('tar', ['tzf', packed], { encoding: 'utf8' })
  assert.match(listed, /^package\/npm-shrinkwrap\.json$/m)
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', packed], { cwd: folder })
  const launcher = join(folder, 'node_modules/lobbykey/bin/lobbykey.js')
  assert.equal(execFileSync(process.execPath, [launcher, '--version'], { encoding: 'utf8' }).trim(), version)
  const server = await ServerProcess.start(['sandbox'], { DATABASE_URL: `sqlite:${join(folder, 'sandbox.db')}` }, launcher)
  context.after(() => server.stop())
  const post = async (path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${server.origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await answer.json()) as { code: unknown }
  }
  assert.equal((await post('/api/member/login', signed(loginBody(systemClock.now())))).code, 200)
  assert.equal((await post('/merchant-api/seller/auth/login', sampleSeller)).code, '0000')
  assert.equal((await fetch(`${server.origin}/playground`)).status, 200)
})

function build(): string {
  execFileSync('npm', ['run', 'release'], { cwd: root, env: { ...process.env, SOURCE_DATE_EPOCH: '1800000000' }, stdio: 'ignore' })
  return readFileSync(join(root, 'dist/SHA256SUMS'), 'utf8')
}
