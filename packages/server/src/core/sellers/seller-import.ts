import type { ImportReport } from '@lobbykey/contract/admin'
import type { EventOrigin, SellerRecord, SellerStore } from '../../store/store.ts'
import { normalizeEmail } from '../base/email-address.ts'
import { countedOnly, importLines, type ReadLine } from '../base/line-import.ts'
import { randomAlphanumeric } from '../base/random.ts'
import { normalizeForeignHash } from '../passwords/foreign-hash.ts'

export interface SellerImportOptions {
  readonly store: Pick<SellerStore, 'addMany' | 'countExisting'>
  readonly now: () => number
  readonly origin: EventOrigin
  /** Tells what would become of the lines, and writes nothing. */
  readonly isRehearsal?: boolean
}

/** Sellers with the hashes that another system made. @param lines as `readLines` reads them */
export function importSellers(
  lines: Iterable<ReadLine | null>,
  { store, now, origin, isRehearsal = false }: SellerImportOptions,
): Promise<ImportReport> {
  const write = (sellers: readonly SellerRecord[]) =>
    store.addMany(
      sellers,
      sellers.map(({ id, createdAt }) => ({ at: createdAt, kind: 'seller.imported', ...origin, subject: id })),
    )
  const count = countedOnly<SellerRecord>(
    ({ email }) => email,
    (emails) => store.countExisting(emails),
  )
  return importLines(lines, { read: (row) => readSeller(row, now()), write: isRehearsal ? count : write })
}

/** A seller, or why the line is refused. */
function readSeller(row: Record<string, unknown>, now: number): SellerRecord | string {
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
  return {
    id,
    email: normal,
    passwordHash: read.hash,
    status,
    createdAt: now,
    updatedAt: now,
    lastLoginAt: null,
    needlessLogins: 0,
    labels: {},
  }
}
