import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { GatewayError, parameterError } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { isSeparatorLine } from '../core/base/csv.ts'
import { decodeTextStream } from '../core/base/text-encoding.ts'
import { type CommandContext, type CommonOptions, print } from './command-context.ts'
import { isTable } from './is-table.ts'
import { Progress } from './progress.ts'
import { unreadable } from './read-input.ts'

export interface ImportOptions extends CommonOptions {
  dryRun?: true
}

export const dryRunOption = ['--dry-run', 'check every line, change nothing'] as const

type Report = AdminOutput<'seller.import' | 'member.import'>

/** Runs the import of one part, which carries the file's header. */
type ImportPart = (part: { readonly form: 'csv' | 'ndjson'; readonly text: string }, isDryRun: boolean) => Promise<Report>

/** Limits of one request. */
const part = { linesMax: 1_000, charactersMax: 400_000 }

/** How a verb describes its file. */
export function importedFile(columns: readonly string[]): string {
  return `one JSON object per line, or CSV or TSV with a header: ${columns.join(', ')}`
}

/** Imports a file part by part, and prints what became of its lines. @throws GatewayError conflict if lines were refused */
export async function importFile(context: CommandContext, options: ImportOptions, file: string, run: ImportPart): Promise<void> {
  const isDryRun = options.dryRun === true
  const report = await importParts(context, file, (lines) => run(lines, isDryRun))
  const { added, existing, refused } = report
  const head = isDryRun ? `${linesText(added)} could be added` : `${added} added`
  const reasons = refused.map(({ line, reason }) => `line ${line} ${reason}`)
  print(context, options, report, [`${head}, ${existing} existed already, ${refused.length} refused.`, ...reasons])
  if (refused.length > 0) throw new GatewayError('conflict', { message: `${linesText(refused.length)} refused` })
}

/** Lines are numbered as in the file. */
async function importParts(
  context: CommandContext,
  file: string,
  run: (lines: Parameters<ImportPart>[0]) => Promise<Report>,
): Promise<Report> {
  let form: 'csv' | 'ndjson' | null = null
  const { size } = await stat(file).catch((error) => Promise.reject(unreadable(file, error)))
  const progress = new Progress(context.errorOutput, size)
  const report: Report = { added: 0, existing: 0, refused: [] }
  let header: string[] | null = null
  for await (const { lines, before } of partsOf(file, progress)) {
    const first = lines.find((line) => line.trim() !== '')
    if (form === null && first === undefined) continue
    form ??= isTable(file, first ?? '') ? 'csv' : 'ndjson'
    // Every part of a CSV gets the file's header.
    const isFirst = header === null
    const head: string[] = header ?? (form === 'csv' ? lines.slice(0, headLengthOf(lines)) : [])
    header = head
    const text = [...(isFirst ? [] : head), ...lines].join('\n')
    if (text.trim() === '') continue
    const { added, existing, refused } = await run({ form, text })
    const moved = before - (isFirst ? 0 : head.length)
    report.added += added
    report.existing += existing
    report.refused.push(...refused.map(({ line, reason }) => ({ line: line + moved, reason })))
  }
  progress.end()
  if (form === null) throw new GatewayError('invalid_parameter', { message: `${file} is empty` })
  return report
}

/** Lines up to the heading: a line that names the separator may precede it. */
function headLengthOf(lines: readonly string[]): number {
  return lines.findIndex((line) => line.trim() !== '' && !isSeparatorLine(line)) + 1
}

async function* partsOf(file: string, progress: Progress): AsyncIterable<{ readonly lines: string[]; readonly before: number }> {
  let lines: string[] = []
  let characters = 0
  let before = 0
  for await (const line of linesOf(decodeTextStream(bytesOf(file)))) {
    progress.add(Buffer.byteLength(line) + 1)
    const name = `line ${before + lines.length + 1}`
    if (line.length > part.charactersMax) throw parameterError(name, `is longer than ${part.charactersMax} characters`)
    if (line.includes('\0')) throw parameterError(name, 'holds a NUL character: save the file as text, in UTF-8')
    if (lines.length > 0 && (lines.length >= part.linesMax || characters + line.length > part.charactersMax)) {
      yield { lines, before }
      before += lines.length
      lines = []
      characters = 0
    }
    lines.push(line)
    characters += line.length + 1
  }
  if (lines.length > 0) yield { lines, before }
}

async function* bytesOf(file: string): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(file)
  } catch (error) {
    throw unreadable(file, error)
  }
}

/**
 * Lines as the server counts them: for readline, U+2028 ends one too. Of a line without end it gives what is too long already, and reads no further.
 */
async function* linesOf(pieces: AsyncIterable<string>): AsyncIterable<string> {
  let rest = ''
  for await (const piece of pieces) {
    // A CR at the end may be half of a CRLF.
    const lines = (rest + piece).split(/\r\n|\r(?!$)|\n/)
    rest = lines.pop() ?? ''
    yield* lines
    if (rest.length > part.charactersMax) break
  }
  if (rest !== '') yield rest.replace(/\r$/, '')
}

function linesText(count: number): string {
  return `${count} ${count === 1 ? 'line' : 'lines'}`
}
