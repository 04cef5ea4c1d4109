import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LogSink } from '../../src/cli/log-sink.ts'
import { freePort } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { temporaryFolder } from './command-line.ts'

const launcher = fileURLToPath(new URL('../../bin/lobbykey.js', import.meta.url))
const describe = (count: number) => `${count} missing\n`

/** A stream that accepts nothing until told to. */
class Stalled extends Writable {
  readonly lines: string[] = []
  #callbacks: (() => void)[] = []
  isOpen = false

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.lines.push(chunk.toString())
    if (this.isOpen) done()
    else this.#callbacks.push(done)
  }

  open(): void {
    this.isOpen = true
    for (const done of this.#callbacks.splice(0)) done()
  }
}

test('[check 89] lines waiting for a stalled reader are bounded; dropped ones are counted, and reported once it reads again', async () => {
  const stream = new Stalled()
  const sink = new LogSink(stream, describe)
  const line = `${'x'.repeat(1_023)}\n`
  for (let count = 0; count < 3_000; count++) sink.write(line)
  assert.ok(stream.writableLength <= 1_048_576 + 2 * line.length, `${stream.writableLength} bytes wait`)
  const { dropped } = sink
  assert.ok(dropped > 1_900)
  stream.open()
  await until(
    () => stream.writableLength === 0,
    () => 'the stream to be empty',
  )
  sink.write('next\n')
  assert.deepEqual(stream.lines.slice(-2), [`${dropped} missing\n`, 'next\n'])
  assert.equal(sink.dropped, dropped)
})

interface Case {
  readonly title: string
  /** How many lines are logged, of about 450 bytes. */
  readonly lines: number
  readonly stderr: () => 'pipe' | number
  /** Called with the server once it is ready. */
  readonly prepare?: (child: ChildProcess) => void
}

const cases: Case[] = [
  { title: 'a disk that is full', lines: 20, stderr: () => openSync('/dev/full', 'w') },
  { title: 'a reader that has gone', lines: 20, stderr: () => 'pipe', prepare: (child) => child.stderr?.destroy() },
  // More than the pipe and the sink together hold.
  { title: 'a reader that stalls', lines: 3_000, stderr: () => 'pipe' },
]

for (const { title, stderr, prepare, lines } of cases) {
  test(`[check 89] ${title}: the service continues, and ends with 0 on SIGTERM`, {
    skip: !existsSync('/dev/full') && 'no /dev/full',
  }, async (t) => {
    const { child, origin } = await startSandbox(t, stderr())
    prepare?.(child)
    const paths = Array.from({ length: lines }, (_, index) => `/${String(index).padStart(250, 'n')}`)
    for (let start = 0; start < paths.length; start += 100) {
      const answers = await Promise.all(paths.slice(start, start + 100).map((path) => fetch(origin + path).then(drained)))
      assert.ok(answers.every((status) => status === 404))
    }
    assert.equal(await fetch(`${origin}/readyz`).then(drained), 200)
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    assert.deepEqual(await exited, [0, null])
  })
}

async function drained(answer: Response): Promise<number> {
  await answer.arrayBuffer()
  return answer.status
}

/** A sandbox whose log goes there; nobody reads it. */
async function startSandbox(t: TestContext, stderr: 'pipe' | number): Promise<{ child: ChildProcess; origin: string }> {
  const PORT = String(await freePort())
  const DATABASE_URL = `sqlite:${join(await temporaryFolder(t), 'lobbykey.db')}`
  const child = spawn(process.execPath, [launcher, 'sandbox'], {
    env: { PATH: process.env.PATH, PORT, DATABASE_URL, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', stderr],
  })
  if (typeof stderr === 'number') closeSync(stderr)
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout ?? assert.fail(), 'data')
  return { child, origin: `http://127.0.0.1:${PORT}` }
}
