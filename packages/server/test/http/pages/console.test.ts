import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import fastify from 'fastify'
import { consolePage } from '../../../src/http/pages/console.ts'

const folder = mkdtempSync(join(tmpdir(), 'lobbykey-console-'))
after(() => rmSync(folder, { recursive: true }))
mkdirSync(join(folder, 'assets'))
writeFileSync(join(folder, 'index.html'), '<meta name="lobbykey" content="page-settings"><p>the page</p>')
writeFileSync(join(folder, 'assets', 'index-1.js'), 'script')

async function serve(builtFolder: string, log?: Writable) {
  const app = fastify(log === undefined ? {} : { logger: { level: 'warn', stream: log } })
  await app.register(consolePage, {
    version: '1',
    asksPurpose: false,
    publicUrl: 'http://localhost:8080',
    hasPlayground: true,
    builtFolder: pathToFileURL(builtFolder),
  })
  return app
}

test('every path below /console is the page, with a policy that runs no inline script; / redirects there', async () => {
  const app = await serve(`${folder}/`)
  for (const path of ['/console', '/console/merchants/agent001?tab=keys', '/console/calls/%3Cscript%3E']) {
    const { statusCode, body, headers } = await app.inject(path)
    assert.equal(statusCode, 200, path)
    assert.match(body, /the page/)
    assert.doesNotMatch(body, /<script>/)
    assert.match(String(headers['content-security-policy']), /^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[\w-]+';/)
    assert.equal(headers['cache-control'], 'no-store')
  }
  const bare = await app.inject('/')
  assert.deepEqual([bare.statusCode, bare.headers.location], [302, '/console'])
})

test('an unknown asset is not found, and is not the page', async () => {
  const app = await serve(`${folder}/`)
  assert.equal((await app.inject('/console/assets/index-1.js')).body, 'script')
  for (const name of ['index-2.js', '..%2Findex.html', '__proto__']) {
    assert.equal((await app.inject(`/console/assets/${name}`)).statusCode, 404, name)
  }
})

test('a console that was not built is reported at the start, and explains how to build it, on every path', async () => {
  const lines: string[] = []
  const log = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk))
      done()
    },
  })
  const app = await serve(`${folder}/nowhere/`, log)
  assert.equal(lines.length, 1)
  const { level, page, msg } = JSON.parse(lines[0] ?? '')
  assert.deepEqual([level, page], [40, '/console'])
  assert.match(msg, /^Console: this page is not built; run `npm run build`/)
  await serve(`${folder}/`, log)
  assert.equal(lines.length, 1, 'a built one is not')
  for (const path of ['/console', '/console/audit']) {
    const { statusCode, body } = await app.inject(path)
    assert.equal(statusCode, 503)
    assert.match(body, /npm run build/)
  }
})
