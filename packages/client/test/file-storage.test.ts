import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { FileStorage } from 'lobbykey-client/seller'

test('a folder named in place of a file is refused and keeps its mode', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'lobbykey-tokens-'))
  context.after(() => rm(folder, { recursive: true }))
  await chmod(folder, 0o755)
  await assert.rejects(new FileStorage(folder).read(), { code: 'EISDIR' })
  assert.equal((await stat(folder)).mode & 0o777, 0o755)
})
