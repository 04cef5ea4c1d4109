import assert from 'node:assert/strict'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { bundleServer } from './bundle-server.ts'

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
