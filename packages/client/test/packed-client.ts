/** The published form of lobbykey-client, packed and installed into an empty folder as a newcomer has it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The folder; whoever asks removes it. The driver of the conformance cases lies in it as JavaScript. */
export function installPackedClient(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-packed-'))
  const { version } = JSON.parse(readFileSync(`${root}packages/server/package.json`, 'utf8')) as { version: string }
  execFileSync(process.execPath, ['build.ts'], { cwd: `${root}packages/client` })
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, `${root}packages/client/dist`])
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
  const { devDependencies } = JSON.parse(readFileSync(`${root}packages/client/package.json`, 'utf8')) as {
    devDependencies: { jose: string }
  }
  const wanted = [`./lobbykey-client-${version}.tgz`, `jose@${devDependencies.jose}`]
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', ...wanted], { cwd: folder, stdio: 'ignore' })
  for (const name of ['run-work', 'driver']) {
    const source = stripTypeScriptTypes(readFileSync(new URL(`${name}.ts`, import.meta.url), 'utf8'))
    writeFileSync(join(folder, `${name}.js`), source.replaceAll("run-work.ts'", "run-work.js'"))
  }
  return folder
}
