/** What `DATABASE_URL` names. */
export type DatabaseUrl =
  | { readonly kind: 'sqlite' /** `:memory:` for none. */; readonly path: string }
  /** Any of these servers may be the primary; all hold the same database. */
  | { readonly kind: 'postgres'; readonly servers: readonly PostgresServer[] }

export interface PostgresServer {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  /** A URL for this server alone. */
  readonly url: string
}

export const databaseUrlForm =
  'sqlite:PATH or postgres://USER:PASSWORD@HOST[:PORT][,HOST…]/DATABASE; in user and password all but letters, digits and - . _ ~ as %XX (@ is %40)'

const memoryPath = ':memory:'
const portDefault = '5432'
/** Accepted values of libpq's `target_session_attrs`: the gateway needs a writable server. */
const writableTargets = new Set(['any', 'read-write', 'primary'])

/**
 * The only parser of database URLs. A password with URL delimiters (`@ / ? #`) could be read as part of the host and shown in errors, so anything
 * ambiguous is refused.
 * @returns null when the text has another form
 */
export function parseDatabaseUrl(text: string): DatabaseUrl | null {
  if (text.startsWith('sqlite:')) return text.length > 'sqlite:'.length ? { kind: 'sqlite', path: text.slice('sqlite:'.length) } : null
  const match = /^postgres(?:ql)?:\/\/(?:([^@/?[\]]*)@)?([^@/?]*)(?:\/([^@/?]*))?(?:\?([^@?]*))?$/.exec(text)
  if (match === null || !isEscaped(text)) return null
  const [, login, authority = '', database = '', query = ''] = match
  if (login !== undefined && login.split(':').length > 2) return null
  const parameters = new URLSearchParams(query)
  const target = parameters.get('target_session_attrs')
  if (target !== null && !writableTargets.has(target)) return null
  const places = readPlaces(authority, parameters)
  if (places === null) return null
  for (const name of ['target_session_attrs', 'host', 'port']) parameters.delete(name)
  const servers = places.map(({ host, port }) => ({ host, port, url: urlOf({ login, host, port, database, parameters }) }))
  return { kind: 'postgres', servers }
}

/** @throws TypeError, which does not repeat the URL, since that may contain a password */
export function readDatabaseUrl(text: string): DatabaseUrl {
  const url = parseDatabaseUrl(text)
  if (url === null) throw new TypeError(`the database URL is not of the form ${databaseUrlForm}`)
  return url
}

/** The SQLite file that a URL names; null for PostgreSQL and in-memory stores. */
export function sqliteFileOf(text: string): string | null {
  const url = parseDatabaseUrl(text)
  return url?.kind === 'sqlite' && url.path !== memoryPath ? url.path : null
}

interface Place {
  readonly host: string
  readonly port: number
}

/** Whether the text has RFC 3986 characters only, and `%` only before two hex digits. */
function isEscaped(text: string): boolean {
  return /^(?:[A-Za-z0-9\-._~:/?[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/.test(text)
}

/** Hosts from the authority or, as in libpq, from `host=` and `port=`. */
function readPlaces(authority: string, parameters: URLSearchParams): Place[] | null {
  const named = parameters.get('host')
  if (named === null ? authority === '' : authority !== '') return null
  const ports = (parameters.get('port') ?? '').split(',')
  const texts = (named ?? authority).split(',')
  const places = texts.map((text, index) => {
    const match = named === null ? /^(\[[0-9A-Fa-f:.]+\]|[^:[\]]*)(?::(\d{1,5}))?$/.exec(text) : [text, text]
    if (match === null) return null
    const host = decodeURIComponent(match[1] || 'localhost').replace(/^\[|\]$/g, '')
    const port = Number(match[2] || ports[index] || ports[0] || portDefault)
    return isHost(host) && port > 0 && port < 65_536 ? { host, port } : null
  })
  return places.includes(null) ? null : (places as Place[])
}

function isHost(text: string): boolean {
  return /^[A-Za-z0-9._:-]{1,255}$/.test(text) || /^\/[^\0]*$/.test(text)
}

function urlOf(parts: Place & { login: string | undefined; database: string; parameters: URLSearchParams }): string {
  const { login, host, port, database, parameters } = parts
  const isSocket = host.startsWith('/')
  const all = new URLSearchParams(parameters)
  if (isSocket) all.set('host', host)
  const authority = isSocket ? `localhost:${port}` : `${host.includes(':') ? `[${host}]` : host}:${port}`
  const query = all.toString()
  return `postgres://${login === undefined ? '' : `${login}@`}${authority}/${database}${query === '' ? '' : `?${query}`}`
}
