import type { Static } from 'typebox'
import { parameterError } from '../check-fields.ts'
import { GatewayError, isGatewayError } from '../gateway-error.ts'
import { isTable } from './imported-file.ts'
import type { importReport } from './line-import.ts'

export type ImportReport = Static<typeof importReport>

/** One request's part of a file. */
export interface ImportedLines {
  readonly form: 'csv' | 'ndjson'
  /** With the file's heading, if it has one. */
  readonly text: string
}

type Pieces = Iterable<string> | AsyncIterable<string>

/** Limits of one request. */
const part = { linesMax: 1_000, charactersMax: 400_000 }

/** A line before the heading that tells Excel the separator. */
export const separatorLine = /^\ufeff?"?sep=([,;\t])"?(?:\r\n|\r|\n|$)/i

/** Whether a file's first line is no heading but tells the separator. */
export function isSeparatorLine(line: string): boolean {
  return separatorLine.test(line)
}

/**
 * Imports a file of any length by requests of a bounded size, one after another. Lines are numbered as in the file.
 * @param file its name, which tells its form
 * @param pieces its text
 * @param run imports one part
 * @throws GatewayError invalid_parameter for an empty file and an endless line; any error after the first part says which lines are done
 */
export async function importInParts(
  file: string,
  pieces: Pieces,
  run: (part: ImportedLines) => Promise<ImportReport>,
): Promise<ImportReport> {
  let form: ImportedLines['form'] | null = null
  const report: ImportReport = { added: 0, existing: 0, refused: [] }
  let header: string[] | null = null
  let done = 0
  try {
    for await (const { lines: own, before } of partsOf(pieces)) {
      const first = own.find((line) => line.trim() !== '')
      if (form === null && first === undefined) continue
      form ??= isTable(file, first ?? '') ? 'csv' : 'ndjson'
      // Every part of a CSV gets the file's header.
      const isFirst = header === null
      const head: string[] = header ?? (form === 'csv' ? own.slice(0, headLengthOf(own)) : [])
      header = head
      const text = [...(isFirst ? [] : head), ...own].join('\n')
      if (text.trim() === '') continue
      const { added, existing, refused } = await run({ form, text })
      const moved = before - (isFirst ? 0 : head.length)
      report.added += added
      report.existing += existing
      report.refused.push(...refused.map(({ line, reason }) => ({ line: line + moved, reason })))
      done = before + own.length
    }
  } catch (error) {
    if (done === 0 || !isGatewayError(error)) throw error
    const cause = (error.details.message ?? error.message).replace(/\.$/, '')
    const message = `${cause}; lines 1 to ${done} are done: the same file can be run again`
    throw new GatewayError(error.key, { ...error.details, message }, error)
  }
  if (form === null) throw new GatewayError('invalid_parameter', { message: `${file} is empty` })
  return report
}

/** Lines up to the heading: a line that names the separator may precede it. */
function headLengthOf(lines: readonly string[]): number {
  return lines.findIndex((line) => line.trim() !== '' && !isSeparatorLine(line)) + 1
}

async function* partsOf(pieces: Pieces): AsyncIterable<{ readonly lines: string[]; readonly before: number }> {
  let lines: string[] = []
  let characters = 0
  let before = 0
  for await (const line of linesOf(pieces)) {
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

/** Lines as the server counts them: U+2028 ends none. Of a line without end it gives what is too long already, and reads no further. */
async function* linesOf(pieces: Pieces): AsyncIterable<string> {
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
