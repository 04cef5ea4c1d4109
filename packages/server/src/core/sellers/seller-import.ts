import type { EventOrigin, SellerRecord, SellerStore } from '../../store/store.ts'
import { columnsOf, findMisfit, isSeparatorLine, parseCsvLine, type Separator, separatorOf } from '../base/csv.ts'
import { normalizeEmail } from '../base/email-address.ts'
import { randomAlphanumeric } from '../base/random.ts'
import { Turn } from '../base/turn.ts'
import { normalizeForeignHash } from '../passwords/foreign-hash.ts'

export interface ImportReport {
  added: number
  /** Already existed and left unchanged, so that an import can be repeated. */
  existing: number
  readonly refused: { readonly line: number; readonly reason: string }[]
}

/** Lines per transaction. */
const chunkLines = 500

export interface SellerImportOptions {
  readonly store: Pick<SellerStore, 'addMany'>
  readonly now: () => number
  readonly origin: EventOrigin
}

/** Sellers with the hashes that another system made: `{"email", "passwordHash", "status"?}`. @param lines as `readLines` reads them */
export async function importSellers(lines: Iterable<ReadLine | null>, options: SellerImportOptions): Promise<ImportReport> {
  const report: ImportReport = { added: 0, existing: 0, refused: [] }
  let chunk: SellerRecord[] = []
  let number = 0
  const turn = new Turn()
  const write = async () => {
    const added = await options.store.addMany(
      chunk,
      chunk.map(({ id, createdAt }) => ({ at: createdAt, kind: 'seller.imported', ...options.origin, subject: id })),
    )
    report.added += added
    report.existing += chunk.length - added
    chunk = []
  }
  for (const line of lines) {
    if (turn.isOver) await turn.next()
    number++
    if (line === null) continue
    const read = readSeller(line, options.now())
    if (typeof read === 'string') report.refused.push({ line: number, reason: read })
    else if (chunk.push(read) >= chunkLines) await write()
  }
  if (chunk.length > 0) await write()
  return report
}

/** A parsed line: its fields, or why it is refused. */
type ReadLine = Record<string, unknown> | string

/** The lines of an import, each as its form says; null for a line that says nothing, so that lines keep their numbers. @throws GatewayError invalid_parameter */
export function* readLines(text: string, form: 'csv' | 'ndjson'): Iterable<ReadLine | null> {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)
  const separator = separatorOf(text)
  let names: readonly string[] | null = null
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || (form === 'csv' && index === 0 && isSeparatorLine(line))) yield null
    else if (form === 'ndjson') yield readJson(line)
    else {
      const cells = readCells(line, separator)
      if (typeof cells === 'string') yield cells
      else if (names !== null) yield cells.length === 0 ? null : readRow(names, cells)
      else {
        names = columnsOf(cells, columns, index + 1)
        yield null
      }
    }
  }
}

const columns = ['email', 'passwordHash', 'status'] as const

function readJson(line: string): ReadLine {
  try {
    const row = JSON.parse(line)
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row
  } catch {
    // Told below, with what is JSON but no object.
  }
  return 'is not one JSON object'
}

function readCells(line: string, separator: Separator): readonly string[] | string {
  try {
    return parseCsvLine(line, separator)
  } catch {
    return 'has a quote where none may stand'
  }
}

function readRow(names: readonly string[], cells: readonly string[]): ReadLine {
  const misfit = findMisfit(names, cells)
  if (misfit !== null) return `has ${misfit}`
  return Object.fromEntries(names.map((name, index) => [name, cells[index]]).filter(([, cell]) => cell !== ''))
}

/** A seller, or why the line is refused. */
function readSeller(row: ReadLine, now: number): SellerRecord | string {
  if (typeof row === 'string') return row
  const { email, passwordHash, status = 'enabled', ...rest } = row
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) return `has a field that is not known: ${JSON.stringify(unknown).slice(0, 64)}`
  const normal = typeof email === 'string' ? normalizeEmail(email) : null
  if (normal === null) return 'email must be one e-mail address'
  if (status !== 'enabled' && status !== 'disabled') return 'status must be enabled or disabled'
  if (typeof passwordHash !== 'string') return 'passwordHash must be a string'
  const read = normalizeForeignHash(passwordHash)
  if ('problem' in read) return `passwordHash ${read.problem}`
  const id = randomAlphanumeric(22)
  return { id, email: normal, passwordHash: read.hash, status, createdAt: now, updatedAt: now, lastLoginAt: null, needlessLogins: 0 }
}
