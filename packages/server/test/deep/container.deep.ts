/** The image as built without an engine, run like a container: its own root, read-only, as its own user, with a volume for the store. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { systemClock } from '../../src/core/base/clock.ts'
import { version } from '../../src/core/base/version.ts'
import { sampleSeller } from '../../src/sandbox/sample-partners.ts'
import { missingProgram } from '../support/missing-program.ts'
import { freePort } from '../support/server-process.ts'
import { loginBody, signed } from '../support/signed-body.ts'
import { until } from '../support/until.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const skip =
  (process.getuid?.() === 0 ? false : 'only root builds and mounts it') ||
  missingProgram('buildah') ||
  missingProgram('mmdebstrap') ||
  missingProgram('strip')

interface ImageSettings {
  readonly User: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly WorkingDir: string
  readonly Healthcheck: { readonly Test: readonly string[] }
}

describe('the image', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-image-'))
  const archive = join(root, `dist/lobbykey-${version}-image.tar`)
  const [imageRoot, volume] = [join(folder, 'root'), join(folder, 'volume')]
  let settings: ImageSettings
  after(() => rmSync(folder, { recursive: true }))

  before(() => {
    execFileSync('npm', ['run', 'release'], { cwd: root, stdio: 'ignore' })
    execFileSync(join(root, 'deploy/container/build.sh'), { stdio: 'ignore' })
    // The format that `docker load` reads: a list of layers, and the settings.
    execFileSync('tar', ['xf', archive, '-C', folder])
    const [manifest] = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
    settings = JSON.parse(readFileSync(join(folder, manifest.Config), 'utf8')).config
    mkdirSync(imageRoot)
    for (const layer of manifest.Layers) execFileSync('tar', ['xf', join(folder, layer), '-C', imageRoot])
    mkdirSync(volume, { mode: 0o700 })
    chownSync(volume, 65_532, 65_532)
  })

  test('is at most 65 MB compressed, and contains no shell, no package manager and no setuid program', () => {
    assert.ok(gzipSync(readFileSync(archive)).length <= 65_000_000)
    for (const program of ['sh', 'bash', 'dash', 'apt', 'dpkg', 'perl', 'npm']) {
      for (const where of ['bin', 'usr/bin', 'usr/local/bin', 'sbin', 'usr/sbin']) {
        assert.ok(!existsSync(join(imageRoot, where, program)), `${where}/${program}`)
      }
    }
    for (const entry of readdirSync(imageRoot, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) assert.equal(statSync(join(entry.parentPath, entry.name)).mode & 0o6000, 0, entry.name)
    }
  })

  test('as its user on a read-only root it serves both logins, is healthy, keeps its store in the volume, and ends on SIGTERM', async () => {
    assert.equal(settings.User, '65532:65532')
    const port = await freePort()
    const origin = `http://127.0.0.1:${port}`
    const server = run(['sandbox'], port)
    try {
      await until(
        () =>
          fetch(`${origin}/readyz`).then(
            ({ ok }) => ok,
            () => false,
          ),
        () => `the server to be ready: ${server.output()}`,
      )
      const post = async (path: string, body: unknown) => {
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch(`${origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
        return (await answer.json()) as { code: unknown }
      }
      assert.equal((await post('/api/member/login', signed(loginBody(systemClock.now())))).code, 200)
      assert.equal((await post('/merchant-api/seller/auth/login', sampleSeller)).code, '0000')
      assert.equal((await fetch(`${origin}/playground`)).status, 200)
      assert.ok(existsSync(join(volume, 'lobbykey.db')))
      const [kind, program = '', ...words] = settings.Healthcheck.Test
      assert.equal(kind, 'CMD')
      const health = inImage([program, ...words], port)
      assert.deepEqual(await once(health, 'exit'), [0, null])
    } finally {
      server.child.kill('SIGTERM')
    }
    assert.deepEqual(await once(server.child, 'exit'), [0, null], server.output())
    const health = inImage(settings.Healthcheck.Test.slice(1), port)
    assert.deepEqual(await once(health, 'exit'), [1, null], 'with no server it is not healthy')
  })

  function run(command: readonly string[], port: number): { readonly child: ChildProcess; output(): string } {
    const child = inImage([...settings.Entrypoint, ...command], port)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
    return { child, output: () => output }
  }

  /** Like an engine: separate mounts, the image's root read-only, the volume and /tmp writable, the image's environment and user. */
  function inImage(command: readonly string[], port: number): ChildProcess {
    const mounts = [
      `mount --bind '${imageRoot}' '${imageRoot}'`,
      `mount -o remount,ro,bind '${imageRoot}'`,
      `mount --bind '${volume}' '${imageRoot}/var/lib/lobbykey'`,
      `mount -t tmpfs tmpfs '${imageRoot}/tmp'`,
      `cd '${imageRoot}'`,
      `exec chroot --userspec=${settings.User} '${imageRoot}' "$@"`,
    ]
    const env = {
      ...Object.fromEntries(settings.Env.map((entry) => entry.split(/=(.*)/s).slice(0, 2))),
      HOST: '127.0.0.1',
      PORT: String(port),
    }
    return spawn('/usr/bin/env', ['unshare', '--mount', 'sh', '-c', mounts.join(' && '), 'sh', ...command], {
      env: { ...env, ADMIN_PORT: '0', PATH: `${process.env.PATH}:/usr/sbin:/usr/local/bin` },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }
})
