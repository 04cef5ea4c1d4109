/** The published form of lobbykey-client as a newcomer has it: its types and what it needs. `runtimes.deep.ts` of the client runs it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { installPackedClient } from '../../../client/test/packed-client.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const folder = installPackedClient()
after(() => rmSync(folder, { recursive: true }))

test('its types are found and strict', async () => {
  const program = readFileSync(`${root}packages/client/README.md`, 'utf8').match(/^```js\n([\s\S]*?)^```$/m)?.[1] ?? assert.fail()
  writeFileSync(join(folder, 'right.ts'), program)
  writeFileSync(join(folder, 'wrong.ts'), program.replace("platform: 'h5'", "platform: 'h6'"))
  const check = (file: string) =>
    promisify(execFile)(
      `${root}node_modules/.bin/tsc`,
      ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'esnext', '--types', '', '--ignoreConfig', file],
      { cwd: folder },
    )
  await check('right.ts')
  await assert.rejects(check('wrong.ts'), { stdout: /h6/ })
})

test('its page reads alone, and its licence is beside it', () => {
  const installed = join(folder, 'node_modules/lobbykey-client')
  const links = [...readFileSync(join(installed, 'README.md'), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  assert.deepEqual(
    links.filter((target) => !target.startsWith('https://')),
    [],
  )
  assert.ok(links.length > 3)
  assert.deepEqual(readFileSync(join(installed, 'LICENSE')), readFileSync(`${root}LICENSE`))
})

test('nothing of it needs a package but jose', () => {
  for (const entry of ['merchant', 'seller']) {
    assert.doesNotMatch(readFileSync(join(folder, `node_modules/lobbykey-client/${entry}.js`), 'utf8'), /^import .* from ['"](?!\.|node:)/m)
  }
})
