import { type SignedCall, signedCalls } from '@lobbykey/contract'

/** A request as people paste it. */
export interface PastedRequest {
  /** The body's text. */
  readonly body: string
  /** Null if neither a path nor the fields identify it. */
  readonly call: SignedCall | null
  /** Where it was sent, if the address says so. */
  readonly origin: string | null
}

/** Nobody sends longer commands, and each word is tried as an address. */
const wordsMax = 200

/**
 * Reads a JSON body, a URL with its query, or a simple curl command with its body in `-d` or one of its relatives. The call is taken
 * from the path, else from the fields that only one call has. A query is given as the JSON of its fields.
 */
export function readRequest(text: string): PastedRequest {
  const trimmed = text.trim()
  const isCommand = /^(?:\$ )?curl\s/.test(trimmed)
  const isAddress = /^(?:https?:\/\/|\/)[^\s?]+\?\S+$/.test(trimmed)
  if (!isCommand && !isAddress) return { body: trimmed, call: findCallByFields(trimmed), origin: null }
  const words = isCommand ? shellWords(trimmed).slice(0, wordsMax) : [trimmed]
  const addresses = words.flatMap((word) => URL.parse(word.includes('://') ? word : `http://${word.replace(/^\//, 'host/')}`) ?? [])
  const byPath = signedCalls.find(({ path }) => addresses.some(({ pathname }) => pathname.replace(/\/$/, '').endsWith(path))) ?? null
  const data = findData(words)
  const isQuery = data === '' || words.some((word) => word === '-G' || word === '--get')
  const body = isQuery ? fieldsOfQuery(data || (addresses.find(({ search }) => search !== '')?.search ?? '')) : data
  const [origin = null] = words.flatMap((word) => (/^https?:\/\//.test(word) ? (URL.parse(word)?.origin ?? []) : []))
  return { body, call: byPath ?? findCallByFields(body), origin }
}

/** As the server reads a query: a plus is not a space. */
function fieldsOfQuery(query: string): string {
  const fields = new URLSearchParams(query.replaceAll('+', '%2B'))
  return fields.size === 0 ? '' : JSON.stringify(Object.fromEntries(fields))
}

const dataOptions = ['--data-raw', '--data-binary', '--data-ascii', '--data', '--json', '-d'] as const

function findData(words: readonly string[]): string {
  const parts: string[] = []
  for (const [index, word] of words.entries()) {
    if (dataOptions.some((option) => option === word)) parts.push(words[index + 1] ?? '')
    else if (word.startsWith('-d') && word.length > 2) parts.push(word.slice(2))
    else if (/^--(?:data[a-z-]*|json)=/.test(word)) parts.push(word.slice(word.indexOf('=') + 1))
  }
  // curl joins several of them with &.
  return parts.join('&').trim()
}

/** The call that these fields fit best: most known, fewest missing, fewest left over. */
function findCallByFields(body: string): SignedCall | null {
  let fields: unknown
  try {
    fields = JSON.parse(body)
  } catch {
    return null
  }
  if (typeof fields !== 'object' || fields === null) return null
  const names = Object.keys(fields)
  const fits = (call: SignedCall) => names.filter((name) => name in call.schema.properties).length
  const lacks = (call: SignedCall) => (call.schema.required ?? []).filter((name) => !names.includes(name)).length
  const sizeOf = (call: SignedCall) => Object.keys(call.schema.properties).length
  return [...signedCalls].sort((a, b) => fits(b) - fits(a) || lacks(a) - lacks(b) || sizeOf(a) - sizeOf(b))[0] ?? null
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** Splits a command line as a POSIX shell does, with `'…'`, `"…"`, `$'…'` and backslashes; nothing is expanded. */
function shellWords(line: string): string[] {
  const words: string[] = []
  const piece = /\$'((?:[^'\\]|\\.)*)'|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\\r?\n|\\(.)|([^\s'"\\]+)|(\s+)/gsu
  let word: string | null = null
  for (const [whole, dollar, single, double, escaped, plain, blank] of line.matchAll(piece)) {
    if (blank !== undefined) {
      if (word !== null) words.push(word)
      word = null
    } else if (!/^\\\r?\n$/.test(whole)) {
      word ??= ''
      word +=
        dollar?.replace(/\\(u[0-9A-Fa-f]{4}|.)/gs, dollarEscape) ??
        single ??
        double?.replace(/\\([$`"\\\n])/g, '$1') ??
        escaped ??
        plain ??
        ''
    }
  }
  if (word !== null) words.push(word)
  return words
}

function dollarEscape(_whole: string, code: string): string {
  if (/^u[0-9A-Fa-f]{4}$/.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
  return escapes[code] ?? code
}
