import { Readable, Writable } from 'node:stream'
import { runCommand } from '../../src/cli/program.ts'
import { systemClock } from '../../src/core/base/clock.ts'

/** The JSON answer of a command that must succeed, in real time. @param input standard input */
export async function runJson<T>(env: Readonly<Record<string, string>>, words: readonly string[], input = ''): Promise<T> {
  const [output, errorOutput] = [new Sink(), new Sink()]
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)])
  const context = { env, clock: systemClock, input: stdin, output, errorOutput, untilSignal: async () => {} }
  const exitCode = await runCommand([...words, '--json'], context)
  if (exitCode !== 0) throw new Error(`${words.join(' ')}: ${errorOutput.text}`)
  return JSON.parse(output.text) as T
}

class Sink extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}
