import assert from 'node:assert/strict'
import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
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

const skip = process.geteuid?.() === 0 ? false : 'only root can give a file to another user'
test("another user's file is refused in words, and stays as it is", { skip }, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'lobbykey-tokens-'))
  context.after(() => rm(folder, { recursive: true }))
  const path = join(folder, 'tokens')
  await writeFile(path, JSON.stringify({ accessToken: 'A', refreshToken: 'R', issuedAt: 0, expiresAt: 1 }), { mode: 0o644 })
  const storage = new FileStorage(path, { warn: assert.fail })
  await chown(path, 54321, 54321)
  await assert.rejects(storage.read(), { message: /tokens belongs to another user \(uid 54321\).* Remove it, or name another file\.$/ })
  assert.equal((await stat(path)).mode & 0o777, 0o644)
  await chmod(path, 0o600)
  await chown(path, 0, 0)
  assert.equal((await storage.read())?.accessToken, 'A')
})
