/** What only PHP and Python have, in each of which processes fork: a child that asks on its parent's connection could get another's answer. */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { serveHere } from './serve-here.ts'

const clients = fileURLToPath(new URL('../../../clients/', import.meta.url))

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

const pythonAsync = `
import asyncio, sys, time
sys.path.insert(0, "python")
from lobbykey import AsyncSellerClient, LobbykeyError
async def main():
    client = AsyncSellerClient(sys.argv[1], "seller@example.com", "p", deadline=2)
    async def call():
        try:
            await client.fetch("/silent")
        except LobbykeyError as error:
            return error.key
    began = time.monotonic()
    keys = await asyncio.gather(*[call() for _ in range(200)])
    took = time.monotonic() - began
    print(set(keys), "in time" if took < 30 else took, end="")
asyncio.run(main())`

const pythonRefused = `
import sys
sys.path.insert(0, "python")
from lobbykey import LobbykeyError, SellerClient
client = SellerClient(sys.argv[1] + "/refused", "seller@example.com", "wrong")
depths = []
for _ in range(4):
    try:
        client.me()
    except LobbykeyError as error:
        frame, depth = error.__traceback__, 0
        while frame is not None:
            frame, depth = frame.tb_next, depth + 1
        depths.append(depth)
print(depths[1] == depths[3], end="")`

const interpreter = '/usr/bin/python3'
const programs = [
  {
    name: 'PHP: a child process gets its own answers',
    command: ['php', '-r', php],
    needs: ['-r', 'exit(extension_loaded("curl") && extension_loaded("pcntl") ? 0 : 1);'],
    prints: 'done done done ',
  },
  {
    name: 'Python: a child process gets its own answers, and waits for no thread of its parent',
    command: [interpreter, '-c', python],
    prints: 'done done done ',
  },
  {
    name: 'Python with asyncio: the deadline of a call also counts while it waits for a thread',
    command: [interpreter, '-c', pythonAsync],
    prints: "{'not_reached'} in time",
  },
  {
    name: 'Python: the trace of an error that is told again and again stays short',
    command: [interpreter, '-c', pythonRefused],
    prints: 'True',
  },
]

for (const { name, command, needs = ['-c', ''], prints } of programs) {
  const [program = '', ...args] = command
  const skip = spawnSync(program, needs).status === 0 ? false : `${program}, or an extension, is not on this machine`
  test(name, { skip }, async (context) => {
    const baseUrl = await serveHere(context, answer)
    const { stdout } = await promisify(execFile)(program, [...args, baseUrl], { cwd: clients, timeout: 60_000 })
    assert.equal(stdout, prints)
  })
}

/** Echoes what it is asked for, after long enough for another process to be asking too. */
async function answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<unknown> {
  if (url === '/silent') return
  if (url.startsWith('/refused'))
    return response.writeHead(401).end(JSON.stringify({ code: '10006', msg: 'Email or password is incorrect' }))
  const isLogin = url.endsWith('/login')
  await delay(isLogin ? 600 : 5)
  const data = { accessToken: 'A1', refreshToken: 'R1', expiresIn: 3600 }
  return response.end(isLogin ? JSON.stringify({ code: '0000', msg: 'Success', data }) : url)
}
