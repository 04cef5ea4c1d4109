import { parameterError } from '@lobbykey/contract'

/** Rows of a search that looks at a bounded number of them. `next`: the key from which to look on, when it ended before it found enough. */
export interface SearchedRows<Row> {
  readonly rows: readonly Row[]
  readonly next: string | null
}

/**
 * A page of a list that is read from a key on: one extra row shows whether there is another page. A cursor contains the last row's key, so that every
 * page costs the same, and nothing is skipped or repeated when rows come and go. A page of a search may be short, or empty, and not the last.
 */
export async function readPage<Row, Item>(
  { limit = 50, cursor }: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  read: (page: { readonly limit: number; readonly after: string | undefined }) => Promise<readonly Row[] | SearchedRows<Row>>,
  keyOf: (row: Row) => string,
  view: (row: Row) => Item,
): Promise<{ items: Item[]; nextCursor: string | null }> {
  const found = await read({ limit: limit + 1, after: cursor === undefined ? undefined : decodeCursor(cursor) })
  const { rows, next } = 'rows' in found ? found : { rows: found, next: null }
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const key = rows.length > limit && last !== undefined ? keyOf(last) : next
  return { items: shown.map(view), nextCursor: key === null ? null : encodeCursor(key) }
}

/** A page that begins after a given key instead of a cursor. @throws GatewayError invalid_parameter */
export function beginAfter<Page extends { readonly cursor?: string | undefined }>(page: Page, after: string | undefined): Page {
  if (after === undefined) return page
  if (page.cursor !== undefined) throw parameterError('after', 'does not go with cursor')
  return { ...page, cursor: encodeCursor(after) }
}

/** Opaque to callers, so that its content may change. */
export function encodeCursor(key: string): string {
  return Buffer.from(JSON.stringify([key])).toString('base64url')
}

/** @throws GatewayError invalid_parameter */
export function decodeCursor(cursor: string): string {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(value) && value.length === 1 && typeof value[0] === 'string' && isKey(value[0])) return value[0]
  } catch {
    // Not one of ours.
  }
  throw notOurs()
}

interface PartTypes {
  readonly number: number
  readonly string: string
}

/** The parts of a composite key, with their types. @throws GatewayError invalid_parameter */
export function cursorParts<const Types extends readonly (keyof PartTypes)[]>(
  key: string,
  types: Types,
): { -readonly [Index in keyof Types]: PartTypes[Types[Index]] } {
  try {
    const parts: unknown = JSON.parse(key)
    const isPart = (part: unknown, index: number) =>
      typeof part === types[index] && (typeof part === 'string' ? isKey(part) : Number.isSafeInteger(part))
    if (Array.isArray(parts) && parts.length === types.length && parts.every(isPart)) {
      return parts as { -readonly [Index in keyof Types]: PartTypes[Types[Index]] }
    }
  } catch {
    // Not one of ours.
  }
  throw notOurs()
}

function notOurs() {
  return parameterError('cursor', 'must be the nextCursor of the page before')
}

/** Whether a database accepts the text. */
function isKey(text: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(text)
}
