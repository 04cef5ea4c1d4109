/** PHP and Python fork: what a child asks on its parent's connection, it would answer with what another process asked. */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const php = `
require 'php/src/Lobbykey.php';
$client = new Lobbykey\\SellerClient(['baseUrl' => $argv[1], 'email' => 'seller@example.com', 'password' => 'p']);
$client->fetch('/parent');
for ($child = 0; $child < 3; $child++) {
    if (pcntl_fork() === 0) {
        for ($at = 0; $at < 30; $at++) {
            if ($client->fetch("/$child/$at")->body !== "/$child/$at") {
                echo 'mixed up ';
            }
        }
        exit;
    }
}
while (pcntl_wait($status) > 0) {
    echo 'done ';
}`

/** A thread of the parent holds what a renewal holds when the child is made. */
const python = `
import os, sys, threading, time
sys.path.insert(0, "python")
from lobbykey import SellerClient
client = SellerClient(sys.argv[1], "seller@example.com", "p", deadline=5)
renewing = threading.Thread(target=client.fetch, args=("/parent",))
renewing.start()
time.sleep(0.2)
assert client._renewal.locked()
if os.fork() == 0:
    client.fetch("/child")
    os._exit(0)
renewing.join()
os.wait()
print("done", end=" ", flush=True)
for child in range(2):
    if os.fork() == 0:
        for at in range(30):
            if client.fetch(f"/{child}/{at}").body.decode() != f"/{child}/{at}":
                print("mixed up", end=" ", flush=True)
        os._exit(0)
for child in range(2):
    os.wait()
    print("done", end=" ", flush=True)`

const languages = [
  { name: 'PHP', program: 'php', args: ['-r', php], needs: ['-r', 'exit(extension_loaded("curl") && extension_loaded("pcntl") ? 0 : 1);'] },
  { name: 'Python', program: '/usr/bin/python3', args: ['-c', python], needs: ['-c', 'import os; os.fork'] },
]

for (const { name, program, args, needs } of languages) {
  const skip = spawnSync(program, needs).status === 0 ? false : `${program}, or what forks in it, is not on this machine`
  test(`${name}: a child process gets its own answers, and waits for no thread of its parent`, { skip }, async (context) => {
    const gateway = createServer(async (request, response) => {
      // Long enough for another process to be asking too.
      await delay(request.url?.endsWith('/login') ? 600 : 5)
      const data = { accessToken: 'A1', refreshToken: 'R1', expiresIn: 3600 }
      response.end(request.url?.endsWith('/login') ? JSON.stringify({ code: '0000', msg: 'Success', data }) : request.url)
    }).listen(0, '127.0.0.1')
    await once(gateway, 'listening')
    context.after(() => gateway.close())
    const cwd = fileURLToPath(new URL('../../../clients/', import.meta.url))
    const baseUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`
    const { stdout } = await promisify(execFile)(program, [...args, baseUrl], { cwd, timeout: 60_000 })
    assert.equal(stdout, 'done done done ')
  })
}
