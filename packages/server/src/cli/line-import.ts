import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { GatewayError } from '@lobbykey/contract'
import { decodeTextStream, type ImportedLines, type ImportReport, importInParts } from '@lobbykey/contract/admin'
import { type CommandContext, type CommonOptions, print } from './command-context.ts'
import { Progress } from './progress.ts'
import { unreadable } from './read-input.ts'

export interface ImportOptions extends CommonOptions {
  dryRun?: true
}

export const dryRunOption = ['--dry-run', 'check every line, change nothing'] as const

/** Runs the import of one part. */
type ImportPart = (lines: ImportedLines, isDryRun: boolean) => Promise<ImportReport>

/** How a verb describes its file. */
export function importedFile(columns: readonly string[]): string {
  return `one JSON object per line, or CSV or TSV with a heading: ${columns.join(', ')}; - reads standard input`
}

/** Imports a file part by part, and prints what became of its lines. @throws GatewayError conflict if lines were refused */
export async function importFile(context: CommandContext, options: ImportOptions, file: string, run: ImportPart): Promise<void> {
  const isDryRun = options.dryRun === true
  const [name, bytes] = file === '-' ? ['standard input', inputOf(context)] : [file, bytesOf(file, context.errorOutput)]
  const report = await importInParts(name, decodeTextStream(bytes), (lines) => run(lines, isDryRun))
  const { added, existing, refused } = report
  const head = isDryRun ? `${linesText(added)} could be added` : `${added} added`
  const reasons = refused.map(({ line, reason }) => `line ${line} ${reason}`)
  print(context, options, report, [`${head}, ${existing} existed already, ${refused.length} refused.`, ...reasons])
  if (refused.length > 0) throw new GatewayError('conflict', { message: `${linesText(refused.length)} refused` })
}

async function* inputOf({ input }: CommandContext): AsyncIterable<Uint8Array> {
  for await (const chunk of input) yield Buffer.from(chunk)
}

/** The file piece by piece; how much was read is shown. */
async function* bytesOf(file: string, errorOutput: CommandContext['errorOutput']): AsyncIterable<Uint8Array> {
  try {
    const progress = new Progress(errorOutput, (await stat(file)).size)
    for await (const bytes of createReadStream(file) as AsyncIterable<Uint8Array>) {
      yield bytes
      progress.add(bytes.length)
    }
    progress.end()
  } catch (error) {
    throw unreadable(file, error)
  }
}

function linesText(count: number): string {
  return `${count} ${count === 1 ? 'line' : 'lines'}`
}
