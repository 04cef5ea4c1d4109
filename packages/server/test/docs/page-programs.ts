/** Runs programs of documentation pages unchanged against a live gateway. */
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { freePort } from '../support/server-process.ts'

export const root = fileURLToPath(new URL('../../../../', import.meta.url))
/** By the fence's word. The file's name follows the command, except for JavaScript, which resolves packages from its own folder. */
const commands: Readonly<Record<string, readonly string[]>> = {
  js: [process.execPath, '--input-type=module', '--eval'],
  php: ['php', '-d', `include_path=${root}clients/php/src`],
  python: ['/usr/bin/python3'],
  go: ['go', 'run'],
  java: ['java', '-cp', 'classes'],
}
/** Languages that find their client from the program's folder, or need its extension. */
const files: Readonly<Record<string, string>> = { go: 'program.go', java: 'Program.java' }

/** A lobby URL, the sample seller, or the verifier's refusal. */
const expected = /\/lobby\?agent_id=agent001&uid=uid001|^seller@example\.com\n|^true 401 10008\n/

let gateway: TestGateway
let origin: string
let folder: string
before(async () => {
  const port = await freePort()
  gateway = await startTestGateway({ settings: { publicUrl: `http://127.0.0.1:${port}` } })
  gateway.clock.advance(Date.now() - gateway.clock.now())
  origin = await gateway.app.listen({ host: '127.0.0.1', port })
  folder = mkdtempSync(join(tmpdir(), 'lobbykey-quickstarts-'))
})
after(async () => {
  await gateway.close()
  rmSync(folder, { recursive: true })
})

/** A test per page, a subtest per program. */
export function testPrograms(pages: readonly string[]): void {
  for (const page of pages) testPage(page)
}

function testPage(page: string): void {
  const blocks = [...readFileSync(root + page, 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter(
    ([, language = '']) => !['xml', 'json', 'sh'].includes(language),
  )
  test(`${page}: ${blocks.length} programs`, async (context) => {
    assert.ok(blocks.length > 0)
    if (blocks.some(([, language]) => language === 'java') && absence('javac') === false) {
      const sources = globSync(`${root}clients/java/src/main/java/**/*.java`)
      execFileSync('javac', ['--release', '17', '-d', join(folder, 'classes'), ...sources])
    }
    for (const [at, [, language = '', program = '']] of blocks.entries()) {
      const [command = '', ...options] = commands[language] ?? assert.fail(`${page}: nothing runs ${language}`)
      await context.test(`${at + 1}, ${language}`, { skip: absence(command) }, async () => {
        const source = program.replaceAll('http://127.0.0.1:8080', origin)
        const file = join(folder, files[language] ?? 'program')
        writeFileSync(file, source)
        const last = language === 'js' ? source : file
        const env = { ...process.env, TMPDIR: folder, PYTHONPATH: `${root}clients/python` }
        const { stdout } = await promisify(execFile)(command, [...options, last], {
          cwd: { go: `${root}clients/go`, java: folder }[language] ?? root,
          env,
          timeout: 90_000,
        })
        assert.match(stdout, expected)
      })
    }
  })
}

/** False when the language can run here. */
export function absence(command: string): string | false {
  const probe = command === 'php' ? [command, '-r', 'exit(extension_loaded("curl") ? 0 : 1);'] : ['which', command]
  try {
    execFileSync(probe[0] ?? '', probe.slice(1), { stdio: 'ignore' })
    return false
  } catch {
    return command === 'php' ? 'PHP with curl is not on this machine' : `${command} is not on this machine`
  }
}
