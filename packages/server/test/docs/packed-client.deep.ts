/** The published lobbykey-client as a newcomer gets it: packed, installed into an empty folder, with its page's programs run there. */
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Driver, runCases } from '../../../../clients/conformance/run-cases.ts'
import { version } from '../../src/core/base/version.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'lobbykey-packed-'))
after(() => rmSync(folder, { recursive: true }))

execFileSync(process.execPath, ['build.ts'], { cwd: `${root}packages/client` })
execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, `${root}packages/client/dist`])
writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
execFileSync('npm', ['install', '--prefer-offline', '--no-audit', `./lobbykey-client-${version}.tgz`], { cwd: folder })

/** Installed Node.js versions, this one first. */
const nodes = [...new Set([process.execPath, '/usr/bin/node', '/usr/local/bin/node'])].filter((path) => {
  try {
    return Number(/^v(\d+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[1]) >= 20
  } catch {
    return false
  }
})

for (const node of nodes) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  test(`the packed client does what every client does on Node.js ${version}`, (context) => {
    writeFileSync(join(folder, 'driver.mjs'), plainDriver())
    return runCases(context, new Driver([node, 'driver.mjs'], folder))
  })
}

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

test('none of it needs a package but jose', () => {
  for (const entry of ['merchant', 'seller']) {
    assert.doesNotMatch(readFileSync(join(folder, `node_modules/lobbykey-client/${entry}.js`), 'utf8'), /^import .* from ['"](?!\.|node:)/m)
  }
})

/** The driver without types. */
function plainDriver(): string {
  const code = readFileSync(`${root}packages/client/test/driver.ts`, 'utf8')
  return execFileSync(
    process.execPath,
    ['-e', 'process.stdout.write(require("node:module").stripTypeScriptTypes(require("node:fs").readFileSync(0, "utf8")))'],
    {
      input: code,
      encoding: 'utf8',
    },
  )
}
