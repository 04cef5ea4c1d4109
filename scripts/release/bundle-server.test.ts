import assert from 'node:assert/strict'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { bundleServer } from './bundle-server.ts'
import { isInlined, licenceNotices } from './inlined-packages.ts'
import { pinDependencies } from './pin-dependencies.ts'

test('the server can be bundled, and every file that the bundle reads from its own folder is there', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-bundle-'))
  t.after(() => rmSync(folder, { recursive: true }))
  await bundleServer(process.cwd(), folder)
  const read = globSync('*.js', { cwd: folder }).flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/new URL\(['"]\.\/([^'"]+\.js)['"], import\.meta\.url\)/g)].map(
      ([, path]) => path ?? '',
    ),
  )
  assert.ok(read.length >= 5, `it reads ${read}`)
  assert.deepEqual(
    read.filter((path) => !existsSync(join(folder, path))),
    [],
  )
})

test('what the bundle contains is not installed beside it, and its licences are passed on', () => {
  const root = process.cwd()
  const read = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8'))
  const [lock, manifest] = [read('package-lock.json'), read('packages/server/package.json')]
  const all = Object.keys(pinDependencies(lock, manifest).packages)
  const installed = Object.keys(pinDependencies(lock, manifest, isInlined).packages)
  const inlined = all.filter((path) => !installed.includes(path))
  assert.deepEqual(inlined, ['node_modules/kysely', 'node_modules/typebox'])
  const notices = licenceNotices(root)
  for (const path of inlined) {
    const name = path.slice('node_modules/'.length)
    assert.match(notices, new RegExp(`^${name} [\\d.]+ \\(MIT\\)$`, 'm'))
    assert.deepEqual(
      Object.keys(read(`${path}/package.json`).dependencies ?? {}),
      [],
      `${name} has dependencies, which the bundle would contain, too`,
    )
  }
  assert.equal(notices.match(/Permission is hereby granted/g)?.length, inlined.length)
})
