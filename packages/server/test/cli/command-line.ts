import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import type { TestContext } from 'node:test'
import type { Command } from 'commander'
import type { CommandContext } from '../../src/cli/command-context.ts'
import { runCommand } from '../../src/cli/program.ts'
import { sharedAs } from '../../src/core/base/clock.ts'
import { ManualClock } from '../support/manual-clock.ts'

export interface Result {
  readonly exitCode: number
  readonly output: string
  readonly errorOutput: string
}

/** The command line in its own environment, with captured streams. */
export class CommandLine {
  readonly clock = new ManualClock()
  readonly env: Record<string, string>
  /** Replaces waiting. */
  pause: (ms: number) => Promise<void> = async () => {}
  #shown: Sink | null = null

  constructor(env: Record<string, string>) {
    this.env = env
  }

  /** @param input standard input */
  async run(words: readonly string[], input = ''): Promise<Result> {
    const [output, errorOutput] = [new Sink(), new Sink()]
    this.#shown = errorOutput
    const exitCode = await runCommand(words, { ...this.context(input), output, errorOutput })
    return { exitCode, output: output.text, errorOutput: errorOutput.text }
  }

  /** What the running command has written to standard error so far. */
  shown(): string {
    return this.#shown?.text ?? ''
  }

  context(input = ''): CommandContext {
    return {
      env: this.env,
      clock: this.clock,
      sharedClock: sharedAs(this.clock),
      pause: (ms) => this.pause(ms),
      input: Readable.from(input === '' ? [] : [Buffer.from(input)]),
      output: new Sink(),
      errorOutput: new Sink(),
      untilSignal: async () => {},
    }
  }

  /** The JSON answer of a command that must succeed. */
  async json<T = Record<string, unknown>>(words: readonly string[], input = ''): Promise<T> {
    const { exitCode, output, errorOutput } = await this.run([...words, '--json'], input)
    if (exitCode !== 0 || errorOutput !== '') throw new Error(`${words.join(' ')}: ${exitCode} ${errorOutput}`)
    return JSON.parse(output) as T
  }

  /** The result of a command that must fail, in JSON. */
  async failure(words: readonly string[], input = ''): Promise<{ exitCode: number; key: string; message: string }> {
    const { exitCode, output, errorOutput } = await this.run([...words, '--json'], input)
    if (exitCode === 0 || output !== '') throw new Error(`${words.join(' ')} did not fail: ${output}`)
    const { error } = JSON.parse(errorOutput) as { error: { key: string; message: string } }
    return { exitCode, ...error }
  }
}

/** Every verb of a program, such as `merchant add`, so that none can be left out. */
export function verbsOf(verb: Command, before: readonly string[] = []): string[] {
  return verb.commands.flatMap((child) => {
    const words = [...before, child.name()]
    return child.commands.length === 0 ? [words.join(' ')] : verbsOf(child, words)
  })
}

/** A folder that is removed after the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lobbykey-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A command line with its own migrated store. */
export async function commandLine(t: TestContext): Promise<CommandLine> {
  const folder = await temporaryFolder(t)
  const command = new CommandLine({
    DATABASE_URL: `sqlite:${join(folder, 'lobbykey.db')}`,
    MASTER_KEY: randomBytes(32).toString('base64'),
    ARGON2_MEMORY_KIB: '7168',
    ARGON2_PASSES: '5',
  })
  await command.json(['migrate'])
  return command
}

class Sink extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}
