import assert from 'node:assert/strict'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { type CommandLine, commandLine, temporaryFolder } from './command-line.ts'

/** A store left by a killed server: file and log of one moment; and a backup of it, made before the log was restarted. */
async function killed(t: TestContext): Promise<{ command: CommandLine; path: string; backup: string }> {
  const command = await commandLine(t)
  const source = (command.env.DATABASE_URL ?? '').slice('sqlite:'.length)
  const folder = await temporaryFolder(t)
  const [path, backup] = [join(folder, 'lobbykey.db'), join(folder, 'backup.db')]
  await command.json(['merchant', 'add', 'acme', '--currency', 'USD', '--allow', '127.0.0.1'])
  const file = new DatabaseSync(source)
  const write = (from: number, count: number) => {
    file.exec('begin')
    const add = file.prepare(
      "insert into members (agent_id, user_id, user_name, description, status, created_at, updated_at) values ('acme', ?, ?, '', 'Active', 0, 0)",
    )
    for (let n = from; n < from + count; n++) add.run(`player${(n * 7_919) % 100_003}`, 'x'.repeat(n % 60))
    file.exec('commit')
  }
  file.exec(`vacuum into '${backup}'`)
  write(0, 3_000)
  file.exec('pragma wal_checkpoint(truncate)')
  write(3_000, 300)
  for (const tail of ['', '-wal']) copyFileSync(source + tail, path + tail)
  file.close()
  command.env.DATABASE_URL = `sqlite:${path}`
  command.env.PUBLIC_URL = 'https://login.example.com'
  return { command, path, backup }
}

test('a store left by a killed server can be served, with everything committed', async (t) => {
  const { command } = await killed(t)
  await command.json(['serve', '--check-config'])
  assert.equal((await command.json<{ members: unknown[] }>(['member', 'list', 'acme'])).members.length > 0, true)
})

test('a backup beside the log of another state is refused by every verb with an explanation, and neither is changed', async (t) => {
  const { command, path, backup } = await killed(t)
  copyFileSync(backup, path)
  const log = readFileSync(`${path}-wal`)
  for (const words of [['migrate'], ['serve', '--check-config'], ['merchant', 'list']]) {
    const { exitCode, message } = await command.failure(words)
    assert.equal(exitCode, 2)
    assert.match(message, /do not make one store .*use `lobbykey restore BACKUP`/)
  }
  assert.deepEqual(readFileSync(`${path}-wal`), log)
  assert.deepEqual(readFileSync(path), readFileSync(backup))
  assert.ok(existsSync(`${path}-wal`))
})
