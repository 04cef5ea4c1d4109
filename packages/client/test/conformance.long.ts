/** The conformance suite against every client, each where its runtime is. */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Driver, runCases } from '../../../clients/conformance/run-cases.ts'

const clients = fileURLToPath(new URL('../../../clients/', import.meta.url))

interface Language {
  readonly name: string
  readonly folder: string
  /** Says that the runtime is there, and compiles what has to be. */
  readonly prepare: readonly string[]
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const scratch = mkdtempSync(join(tmpdir(), 'lobbykey-conformance-'))
after(() => rmSync(scratch, { recursive: true }))
const javaSources = [...globSync('src/main/java/**/*.java', { cwd: `${clients}java` }), 'test/Driver.java']
const goDriver = join(scratch, 'driver')
const python = '/usr/bin/python3'
const languages: readonly Language[] = [
  { name: 'PHP', folder: 'php', prepare: ['php', '-r', 'exit(extension_loaded("curl") ? 0 : 1);'], command: ['php', 'test/driver.php'] },
  { name: 'Python', folder: 'python', prepare: [python, '-c', ''], command: [python, 'test/driver.py'], env: { PYTHONPATH: '.' } },
  {
    name: 'Python with asyncio',
    folder: 'python',
    prepare: [python, '-c', ''],
    command: [python, 'test/driver.py', '--async'],
    env: { PYTHONPATH: '.' },
  },
  { name: 'Go', folder: 'go', prepare: ['go', 'build', '-o', goDriver, './conformance'], command: [goDriver], env: { GOPROXY: 'off' } },
  {
    name: 'Java',
    folder: 'java',
    prepare: ['javac', '--release', '17', '-Xlint:all', '-Werror', '-d', scratch, ...javaSources],
    command: ['java', '-cp', scratch, 'Driver'],
  },
]

for (const { name, folder, prepare, command, env } of languages) {
  const [program = '', ...args] = prepare
  const cwd = clients + folder
  const isThere = spawnSync(program, args, { cwd }).status === 0
  test(`${name} does what every client does`, { skip: isThere ? false : `${program} is not on this machine` }, (context) =>
    runCases(context, new Driver(command, cwd, env)),
  )
}
