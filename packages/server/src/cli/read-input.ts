import { readFile, stat } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { GatewayError, parameterError } from '@lobbykey/contract'
import { decodeText, importedFileBytesMax } from '@lobbykey/contract/admin'
import { type CommandContext, shownText } from './command-context.ts'

/** Limit of standard input, in bytes. */
const inputBytesMax = 1024 * 1024

/**
 * Reads a secret from standard input or a prompt without echo, never from an argument, which other users of the machine can see. Removes
 * only the line break.
 */
export async function readSecret(context: CommandContext, name: string): Promise<string> {
  if (!context.input.isTTY) return (await readInput(context)).replace(/\r?\n$/, '')
  const first = await prompt(context, `${name}: `)
  const second = await prompt(context, `${name} again: `)
  if (first !== second) throw parameterError(`the ${name.toLowerCase()}`, 'differs the second time; nothing was changed')
  return first
}

/** All of standard input, as UTF-8 text. @throws GatewayError invalid_parameter */
export async function readInput(context: CommandContext, bytesMax = inputBytesMax): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of context.input) {
    chunks.push(Buffer.from(chunk))
    bytes += chunk.length
    if (bytes > bytesMax) throw parameterError('standard input', `is larger than ${bytesMax / 1024 / 1024} MiB`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw parameterError('standard input', 'is not UTF-8')
  }
}

/** A whole file as text, in any encoding that `decodeText` knows. @throws GatewayError not_found, invalid_parameter */
export async function readTextFile(file: string, bytesMax = importedFileBytesMax): Promise<string> {
  try {
    // A pipe has no size to check.
    if ((await stat(file)).size > bytesMax)
      throw new GatewayError('invalid_parameter', { message: `is larger than ${bytesMax / 1024 / 1024} MiB` })
    return decodeText(await readFile(file))
  } catch (error) {
    if (error instanceof GatewayError) throw new GatewayError(error.key, { message: `${file}: ${error.details.message}` }, error)
    throw unreadable(file, error)
  }
}

/** Why a file cannot be read, in words. @param error from the file system */
export function unreadable(file: string, error: unknown): GatewayError {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return new GatewayError('not_found', { message: `there is no file ${file}` })
  const reason = code === 'EISDIR' ? 'is a folder' : `cannot be read (${code ?? 'reason unknown'})`
  return new GatewayError('invalid_parameter', { message: `${file} ${reason}` }, error)
}

async function prompt(context: CommandContext, question: string): Promise<string> {
  context.errorOutput.write(shownText(question))
  // readline echoes to its output; this one discards it.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: context.input, output: silent, terminal: true })
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      lines.once('close', () => reject(parameterError('the prompt', 'was closed; nothing was changed')))
    })
  } finally {
    lines.close()
    context.errorOutput.write('\n')
  }
}
