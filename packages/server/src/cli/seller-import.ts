import { createReadStream, existsSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { GatewayError, parameterError } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import type { Command } from 'commander'
import { isSeparatorLine } from '../core/base/csv.ts'
import { decodeTextStream } from '../core/base/text-encoding.ts'
import { addVerb, type CommandContext, type CommonOptions, print } from './command-context.ts'
import { type OperationRunner, withOperations } from './operate.ts'
import { Progress } from './progress.ts'

interface ImportOptions extends CommonOptions {
  dryRun?: true
}

type Report = AdminOutput<'seller.import'>

/** Limits of one request. */
const part = { linesMax: 1_000, charactersMax: 400_000 }

export function addImportVerb(seller: Command, context: CommandContext): void {
  addVerb(seller, 'import', 'Imports sellers with password hashes of another system; safe to repeat.')
    .argument('<file>', 'one JSON object per line, or .csv or .tsv with a header: email, passwordHash, status')
    .option('--dry-run', 'check every line, change nothing')
    .addHelpText(
      'after',
      "\nHashes: bcrypt, scrypt, PBKDF2, Argon2. Each is replaced by Argon2id at its seller's next login.\nExample: lobbykey seller import sellers.csv --dry-run",
    )
    .action((file: string, options: ImportOptions) =>
      withOperations(context, async ({ run }) => {
        if (!existsSync(file)) throw new GatewayError('not_found', { message: `there is no file ${file}` })
        const report = await importFile(context, run, file, options.dryRun === true)
        const { added, existing, refused } = report
        const head = options.dryRun ? `${linesText(added)} could be added` : `${added} added`
        const reasons = refused.map(({ line, reason }) => `line ${line} ${reason}`)
        print(context, options, report, [`${head}, ${existing} existed already, ${refused.length} refused.`, ...reasons])
        if (refused.length > 0) throw new GatewayError('conflict', { message: `${linesText(refused.length)} refused` })
      }),
    )
}

/** Part by part; lines are numbered as in the file. */
async function importFile(context: CommandContext, run: OperationRunner['run'], file: string, isDryRun: boolean): Promise<Report> {
  const form = /\.[ct]sv$/i.test(file) ? ('csv' as const) : ('ndjson' as const)
  const progress = new Progress(context.errorOutput, statSync(file).size)
  const report: Report = { added: 0, existing: 0, refused: [] }
  let header: string[] | null = form === 'csv' ? null : []
  for await (const { lines, before } of partsOf(file, progress)) {
    // Every part of a CSV gets the file's header.
    const isFirst = header === null
    const head: string[] = header ?? lines.slice(0, headLengthOf(lines))
    header = head
    const text = [...(isFirst ? [] : head), ...lines].join('\n')
    if (text.trim() === '') continue
    const { added, existing, refused } = await run('seller.import', { form, text }, { isDryRun })
    const moved = before - (isFirst ? 0 : head.length)
    report.added += added
    report.existing += existing
    report.refused.push(...refused.map(({ line, reason }) => ({ line: line + moved, reason })))
  }
  progress.end()
  return report
}

/** Lines up to the heading: a line that tells the separator may stand before it. */
function headLengthOf(lines: readonly string[]): number {
  return lines.findIndex((line) => line.trim() !== '' && !isSeparatorLine(line)) + 1
}

async function* partsOf(file: string, progress: Progress): AsyncIterable<{ readonly lines: string[]; readonly before: number }> {
  let lines: string[] = []
  let characters = 0
  let before = 0
  for await (const line of createInterface({
    input: Readable.from(decodeTextStream(createReadStream(file))),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    progress.add(Buffer.byteLength(line) + 1)
    if (line.length > part.charactersMax)
      throw parameterError(`line ${before + lines.length + 1}`, `is longer than ${part.charactersMax} characters`)
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

function linesText(count: number): string {
  return `${count} ${count === 1 ? 'line' : 'lines'}`
}
