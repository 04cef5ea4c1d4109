import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import fastify from 'fastify'
import { type PlaygroundOptions, playgroundPages } from '../../../src/http/pages/playground.ts'
import { playgroundSamples } from '../../../src/sandbox/sample-partners.ts'

const folder = mkdtempSync(join(tmpdir(), 'lobbykey-playground-'))
after(() => rmSync(folder, { recursive: true }))
mkdirSync(join(folder, 'assets'))
writeFileSync(join(folder, 'index.html'), '<meta name="lobbykey" content="page-settings"><p>page</p>')
writeFileSync(join(folder, 'assets', 'index-1.js'), 'script')
writeFileSync(join(folder, 'secret.txt'), 'not an asset')
const builtFolder = pathToFileURL(`${folder}/`)

async function serve(options: PlaygroundOptions) {
  const app = fastify()
  await app.register(playgroundPages, options)
  return app
}

test('the page contains its settings, and a new nonce for each view', async () => {
  const app = await serve({ samples: playgroundSamples, canExplain: true, builtFolder })
  const views = [await app.inject('/playground'), await app.inject('/playground')]
  const nonces = views.map(({ body, headers }) => {
    const content = /content="([^"]*)"/.exec(body)?.[1]?.replaceAll('&#34;', '"') ?? ''
    const settings = JSON.parse(content) as { nonce: string; samples: unknown }
    assert.deepEqual(settings.samples, playgroundSamples)
    assert.ok(String(headers['content-security-policy']).includes(`style-src 'self' 'nonce-${settings.nonce}'`))
    assert.match(String(headers['content-security-policy']), /default-src 'none'; script-src 'self';/)
    assert.equal(headers['cache-control'], 'no-store')
    return settings.nonce
  })
  assert.notEqual(nonces[0], nonces[1])
})

test('[check 66] outside the sandbox the page contains no sample secret', async () => {
  const app = await serve({ samples: null, canExplain: false, builtFolder })
  const { body } = await app.inject('/playground')
  assert.match(body, /&#34;samples&#34;:null/)
  assert.doesNotMatch(body, new RegExp(playgroundSamples.merchantKey))
})

test('only built assets are served, and may be cached for ever', async () => {
  const app = await serve({ samples: null, canExplain: false, builtFolder })
  const asset = await app.inject('/playground/assets/index-1.js')
  assert.equal(asset.body, 'script')
  assert.match(String(asset.headers['cache-control']), /immutable/)
  for (const name of ['index-2.js', '..%2Findex.html', '..%2Fsecret.txt', '%2e%2e%2fsecret.txt', 'constructor', '__proto__']) {
    assert.equal((await app.inject(`/playground/assets/${name}`)).statusCode, 404, name)
  }
})

test('a page that was not built explains how to build it', async () => {
  const app = await serve({ samples: null, canExplain: false, builtFolder: pathToFileURL(`${folder}/nowhere/`) })
  const { statusCode, body } = await app.inject('/playground')
  assert.equal(statusCode, 503)
  assert.match(body, /npm run build/)
})
