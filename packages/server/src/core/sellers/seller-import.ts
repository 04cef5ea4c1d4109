import type { EventOrigin, SellerRecord, SellerStore } from '../../store/store.ts'
import { parseCsv } from '../base/csv.ts'
import { normalizeEmail } from '../base/email-address.ts'
import { randomAlphanumeric } from '../base/random.ts'
import { normalizeForeignHash } from '../passwords/foreign-hash.ts'

export interface ImportReport {
  added: number
  /** There already: left as they are, so that an import may run again. */
  existing: number
  readonly refused: { readonly line: number; readonly reason: string }[]
}

/** Lines whose sellers are written in one transaction. */
const chunkLines = 500

export interface SellerImportOptions {
  readonly store: Pick<SellerStore, 'addMany'>
  readonly now: () => number
  readonly origin: EventOrigin
}

/** Sellers with the hashes that another system made, one JSON object a line: `{"email", "passwordHash", "status"?}`. */
export async function importSellers(lines: Iterable<string>, options: SellerImportOptions): Promise<ImportReport> {
  const report: ImportReport = { added: 0, existing: 0, refused: [] }
  let chunk: SellerRecord[] = []
  let number = 0
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
    number++
    if (line.trim() === '') continue
    const read = readSeller(line, options.now())
    if (typeof read === 'string') report.refused.push({ line: number, reason: read })
    else if (chunk.push(read) >= chunkLines) await write()
  }
  if (chunk.length > 0) await write()
  return report
}

/** Lines of CSV under a header, as the lines of JSON that they say; an empty cell is an absent field. A line that is no row stays as it is. */
export function* csvAsJson(lines: Iterable<string>): Iterable<string> {
  let names: readonly string[] | null = null
  for (const line of lines) {
    const cells = cellsOf(line)
    if (names === null) names = cells ?? []
    else if (cells?.length === names.length) {
      const columns = names
      yield JSON.stringify(Object.fromEntries(cells.map((cell, index) => [columns[index], cell]).filter(([, cell]) => cell !== '')))
      continue
    }
    // The header's place is kept, so that lines are numbered as in the file.
    yield names === cells ? '' : line
  }
}

function cellsOf(line: string): readonly string[] | null {
  try {
    return parseCsv(line)[0]?.cells ?? null
  } catch {
    return null
  }
}

/** A seller, or why the line is refused. */
function readSeller(line: string, now: number): SellerRecord | string {
  let row: Record<string, unknown>
  try {
    row = JSON.parse(line)
  } catch {
    return 'is not one JSON object'
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return 'is not one JSON object'
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
