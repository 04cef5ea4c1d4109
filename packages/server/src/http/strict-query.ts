import { GatewayError, printable } from '@lobbykey/contract'

/**
 * Reads the fields of a signed query so that one query has one meaning: each name once and written plainly, each value percent-encoded UTF-8 (RFC
 * 3986). Refuses a plus, which some parsers read as a space, empty pieces, and bytes outside printable ASCII.
 *
 * @param url path and query as received
 * @throws GatewayError invalid_parameter
 */
export function readStrictQuery(url: string): Record<string, unknown> {
  const queryAt = url.indexOf('?')
  const query = queryAt === -1 ? '' : url.slice(queryAt + 1)
  const fields = new Map<string, string>()
  for (const piece of query === '' ? [] : query.split('&')) {
    const equalsAt = piece.indexOf('=')
    if (equalsAt < 1) throw refuse(`the query holds ${printable(piece)}, which is not of the form name=value`)
    const name = piece.slice(0, equalsAt)
    if (fields.has(name)) throw refuse(`${printable(name)} appears twice in the query`, name)
    fields.set(name, decodeValue(name, piece.slice(equalsAt + 1)))
  }
  return Object.fromEntries(fields)
}

function decodeValue(name: string, encoded: string): string {
  if (encoded.includes('+')) throw refuse(`${printable(name)} holds a plus: write a space as %20 and a plus as %2B`, name)
  try {
    if (/^[!-~]*$/.test(encoded)) return decodeURIComponent(encoded)
  } catch {
    // Reported below, together with non-ASCII input.
  }
  throw refuse(`${printable(name)} is not percent-encoded UTF-8`, name)
}

function refuse(message: string, field?: string): GatewayError {
  return new GatewayError('invalid_parameter', { message, ...(field === undefined ? {} : { field }) })
}
