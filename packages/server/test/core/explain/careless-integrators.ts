/**
 * Integrators who each sign wrongly in their own way, written as they would write it and without the explainer's code. What they
 * make is what the explainer is measured by.
 */
import { createHash, createHmac } from 'node:crypto'
import type { MistakeKind } from '../../../src/core/explain/explain-signature.ts'
import type { Request } from './random-requests.ts'

/** What an integrator sends. */
export interface Sent {
  readonly body: Record<string, unknown>
  /** The body's text, if it differs from JSON.stringify's. */
  readonly raw?: string
  readonly prior?: Record<string, unknown>
  /** When the server receives it, if not at once. */
  readonly now?: number
}

export interface Integrator {
  /** What is wrong, in any order. */
  readonly causes: readonly MistakeKind[]
  /** Null if the request offers no occasion for the mistake. */
  readonly send: (request: Request) => Sent | null
}

// --- what every integrator has on the desk ---------------------------------------------------------------------------------

const md5 = (text: string | Buffer) => createHash('md5').update(text).digest('hex')
const sha = (name: string, text: string | Buffer) => createHash(name).update(text).digest('hex')
const hmac = (name: string, key: string | Buffer, text: string | Buffer) => createHmac(name, key).update(text).digest('hex')

function ksort(fields: object): [string, unknown][] {
  return Object.entries(fields).sort(([a], [b]) => (a > b ? 1 : -1))
}

function isThere(value: unknown): boolean {
  return value !== '' && value !== null && value !== undefined
}

/** What should be signed, in the order of the body. */
function toSign({ fields, profile, call }: Request): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'limits' || name === 'custom_language' || !isThere(value)) continue
    if (name === 'callback' && call.name === 'login' && profile.callback === 'unsigned') continue
    out[name] = value
  }
  return out
}

function glue(entries: readonly (readonly [string, unknown])[], assign = '=', separator = '&'): string {
  return entries.map(([name, value]) => name + assign + value).join(separator)
}

function canonical(request: Request): string {
  return glue(ksort(toSign(request)))
}

/** The digest as this merchant's profile has it, over a text that may be wrong. */
function digest({ profile, key }: Request, text: string): string {
  return profile.algorithm === 'md5' ? md5(`${key}&${text}`) : hmac('sha256', key, text)
}

function send({ fields }: Request, sign: unknown): Sent {
  return { body: { ...fields, sign } }
}

/** Signs another text than the right one; no occasion when it is the same after all. */
function signing(request: Request, text: string): Sent | null {
  return text === canonical(request) ? null : send(request, digest(request, text))
}

/** Signs other fields than the right ones, but signs them correctly. */
function signingFields(request: Request, fields: object): Sent | null {
  return signing(request, glue(ksort(fields)))
}

function pick<T>({ dice }: Request, choices: readonly T[]): T {
  return choices[dice % choices.length] as T
}

function integrator(causes: MistakeKind | readonly MistakeKind[], sendIt: Integrator['send']): Integrator {
  return { causes: typeof causes === 'string' ? [causes] : causes, send: sendIt }
}

const isMd5 = ({ profile }: Request) => profile.algorithm === 'md5'
const isHmac = (request: Request) => !isMd5(request)

function hashing(causes: MistakeKind | readonly MistakeKind[], sign: (request: Request, text: string) => string): Integrator {
  return integrator(causes, (request) => (isMd5(request) ? send(request, sign(request, canonical(request))) : null))
}

function hmacing(causes: MistakeKind | readonly MistakeKind[], sign: (request: Request, text: string) => string): Integrator {
  return integrator(causes, (request) => (isHmac(request) ? send(request, sign(request, canonical(request))) : null))
}

/** Right except for the key. */
function withKey(kind: MistakeKind, spoil: (request: Request) => string | null): Integrator {
  return integrator(kind, (request) => {
    const key = spoil(request)
    return key === null || key === request.key ? null : send(request, digest({ ...request, key }, canonical(request)))
  })
}

/** Right except for how values are written. */
function withValues(kind: MistakeKind, write: (value: string, name: string, request: Request) => string): Integrator {
  return integrator(kind, (request) =>
    signingFields(
      request,
      Object.fromEntries(Object.entries(toSign(request)).map(([name, value]) => [name, write(String(value), name, request)])),
    ),
  )
}

// --- the key ---------------------------------------------------------------------------------------------------------------

const spoiledKeys: readonly Integrator[] = [
  withKey('key-retired', ({ retiredKey }) => retiredKey),
  withKey('key-of-another-merchant', ({ foreignKey }) => foreignKey),
  withKey('key-sample', () => 'l4gnD61pz4arJyv8'),
  withKey('key-whitespace', (request) => pick(request, [`${request.key}\n`, `${request.key} `, ` ${request.key}`, `${request.key}\r\n`])),
  withKey('key-case', (request) => pick(request, [request.key.toLowerCase(), request.key.toUpperCase()])),
]

const keys: readonly Integrator[] = [
  ...spoiledKeys,
  withKey('key-quoted', (request) => pick(request, [`"${request.key}"`, `'${request.key}'`, `<${request.key}>`])),
  withKey('key-transformed', (request) => pick(request, [md5(request.key), md5(request.key).toUpperCase(), btoa(request.key)])),
  withKey('key-placeholder', (request) => pick(request, ['key', 'KEY', 'YOUR_KEY', 'secret'])),
  withKey('key-is-identifier', ({ fields }) => String(fields.agent_id)),
  withKey('key-missing', (request) => pick(request, ['', 'undefined', 'null', 'None'])),
  hashing('key-missing', (_request, text) => md5(text)),
  hmacing('key-missing', (_request, text) => sha('sha256', text)),
  hashing('key-at-end', ({ key }, text) => md5(`${text}&${key}`)),
  hashing('key-at-end', ({ key }, text) => md5(text + key)),
  hashing('key-as-field', ({ key }, text) => md5(`${text}&key=${key}`)),
  hashing('key-as-field', ({ key }, text) => md5(`key=${key}&${text}`)),
  hashing('key-as-field', ({ key }, text) => md5(`${text}&secret=${key}`)),
  hashing('key-separator', ({ key }, text) => md5(key + text)),
  hashing('key-separator', (request, text) => md5(request.key + pick(request, ['?', ' ', '\n', ':', '|', '#']) + text)),
  hashing('key-twice', ({ key }, text) => md5(`${key}&${text}&${key}`)),
  hashing('key-twice', ({ key }, text) => md5(key + text + key)),
  hmacing('key-in-text', ({ key }, text) => hmac('sha256', key, `${key}&${text}`)),
  hmacing('key-in-text', ({ key }, text) => hmac('sha256', key, `${text}&key=${key}`)),
]

// --- which fields ----------------------------------------------------------------------------------------------------------

const isUnchanged = (a: unknown, b: unknown) => a === b

function phpPrinted(value: unknown): unknown {
  return typeof value === 'object' ? 'Array' : value
}

function pythonDict(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return `{${Object.entries(value)
    .map(([name, item]) => `'${name}': '${item}'`)
    .join(', ')}}`
}

function withLimits(print: (limits: object) => unknown): Integrator {
  return integrator('unsigned-field-signed', (request) => {
    const { limits } = request.fields
    if (typeof limits !== 'object' || limits === null) return null
    return signingFields(request, { ...toSign(request), limits: print(limits) })
  })
}

const fieldChoices: readonly Integrator[] = [
  withLimits(JSON.stringify),
  withLimits(phpPrinted),
  withLimits(String),
  withLimits(pythonDict as (limits: object) => unknown),
  withLimits((limits) =>
    JSON.stringify(limits)
      .replace(/":/g, '": ')
      .replace(/","|",(?=")/g, (part) => (part === '","' ? '", "' : part)),
  ),
  withLimits(
    (limits) =>
      `{${Object.entries(limits)
        .map(([name, ids]) => `${name}=${ids}`)
        .join(', ')}}`,
  ),
  withLimits(
    (limits) =>
      `map[${ksort(limits)
        .map(([name, ids]) => `${name}:${ids}`)
        .join(' ')}]`,
  ),
  integrator('unsigned-field-signed', (request) => {
    const { custom_language } = request.fields
    return custom_language === undefined ? null : signingFields(request, { ...toSign(request), custom_language })
  }),
  // Everything in the body is signed, as `for (name in body)` does.
  integrator('unsigned-field-signed', (request) => {
    const all = Object.entries(request.fields).filter(([, value]) => isThere(value))
    const extra = all.filter(([name]) => !(name in toSign(request)))
    if (extra.length === 0 || (extra.length === 1 && extra[0]?.[0] === 'callback')) return null
    return signing(
      request,
      glue(ksort(Object.fromEntries(all.map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : value])))),
    )
  }),
  integrator('unsigned-field-signed', (request) => signingFields(request, { ...toSign(request), sign: '' })),
  integrator('callback-signed', (request) => {
    const { callback } = request.fields
    const isApt = request.call.name === 'login' && request.profile.callback === 'unsigned' && isThere(callback)
    return isApt ? signingFields(request, { ...toSign(request), callback }) : null
  }),
  integrator('callback-left-out', (request) => {
    const { callback, ...rest } = toSign(request)
    return callback === undefined || request.call.name !== 'login' ? null : signingFields(request, rest)
  }),
  integrator('signed-field-left-out', (request) => {
    const signed = toSign(request)
    const names = Object.keys(signed).filter((name) => name !== 'callback')
    delete signed[pick(request, names)]
    return signingFields(request, signed)
  }),
  integrator('signed-field-left-out', (request) => {
    const { game_code, desc, ...rest } = toSign(request)
    return isUnchanged(game_code ?? desc, undefined) ? null : signingFields(request, rest)
  }),
  integrator('signed-field-left-out', (request) => {
    const { agent_id, timestamp } = toSign(request)
    return signingFields(request, { agent_id, timestamp })
  }),
  integrator('empty-kept', (request) => {
    const { game_code, desc } = request.fields
    if (game_code !== '' && desc !== '') return null
    return signingFields(request, { ...toSign(request), ...(game_code === '' ? { game_code } : { desc }) })
  }),
  integrator('empty-kept', (request) => {
    const { game_code } = request.fields
    return request.call.name === 'login' && game_code === undefined ? signingFields(request, { ...toSign(request), game_code: '' }) : null
  }),
  integrator('null-printed', (request) => {
    const { game_code, desc } = request.fields
    if (game_code !== null && desc !== null) return null
    const word = pick(request, ['null', 'None', 'nil', 'undefined', '<nil>'])
    return signingFields(request, { ...toSign(request), ...(game_code === null ? { game_code: word } : { desc: word }) })
  }),
  integrator('null-printed', (request) => {
    const { game_code } = request.fields
    if (request.call.name !== 'login' || game_code !== undefined) return null
    return signingFields(request, { ...toSign(request), game_code: pick(request, ['undefined', 'null', 'None']) })
  }),
  integrator('field-order', (request) => signing(request, glue(Object.entries(toSign(request))))),
  integrator('field-order', (request) => signing(request, glue(ksort(toSign(request)).reverse()))),
  integrator('field-order', (request) => {
    // asort() where ksort() was meant.
    const byValue = Object.entries(toSign(request)).sort(([, a], [, b]) => (String(a) > String(b) ? 1 : -1))
    return signing(request, glue(byValue))
  }),
  integrator('field-order', (request) => {
    const { timestamp, ...rest } = toSign(request)
    return signing(request, glue([...ksort(rest), ['timestamp', timestamp]]))
  }),
]

// --- how values are written ------------------------------------------------------------------------------------------------

const phpUrlencode = (text: string) =>
  encodeURIComponent(text)
    .replace(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')

function decodeOrLeave(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const unicodeEscaped = (text: string) => text.replace(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

const values: readonly Integrator[] = [
  withValues('value-encoded', (value) => encodeURIComponent(value)),
  withValues('value-encoded', (value) => phpUrlencode(value)),
  withValues('value-encoded', (value) => encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase())),
  withValues('value-encoded', (value) => new URLSearchParams({ v: value }).toString().slice(2)),
  integrator(
    'value-encoded',
    (request) =>
      signing(request, canonical(request)) ??
      (isMd5(request) ? send(request, md5(encodeURIComponent(`${request.key}&${canonical(request)}`))) : null),
  ),
  withValues('value-decoded', (value) => decodeOrLeave(value.replaceAll('+', ' '))),
  withValues('value-decoded', (value) => decodeOrLeave(value)),
  withValues('value-case', (value) => value.toLowerCase()),
  withValues('value-case', (value) => value.toUpperCase()),
  withValues('value-case', (value, name, { dice }) => (name === (dice % 2 ? 'user_id' : 'language') ? value.toLowerCase() : value)),
  withValues('value-trimmed', (value) => value.trim()),
  withValues('value-trimmed', (value) => value.replaceAll(' ', '')),
  withValues('value-quoted', (value) => `"${value}"`),
  withValues('value-quoted', (value, name, { fields }) => (typeof fields[name] === 'string' ? `"${value}"` : value)),
  withValues('value-quoted', (value, name) => (name === 'timestamp' ? `"${value}"` : value)),
  withValues('value-escaped', (value) => unicodeEscaped(value)),
  withValues('value-escaped', (value) => value.replaceAll('/', '\\/')),
  withValues('value-escaped', (value) =>
    value.replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll("'", '&#039;'),
  ),
  withValues('whitespace', (value, name, request) => (name === pick(request, Object.keys(toSign(request))) ? `${value}\n` : value)),
  withValues('whitespace', (value, name, request) => (name === pick(request, Object.keys(toSign(request))) ? `${value} ` : value)),
  withValues('whitespace', (value, name, request) => (name === pick(request, Object.keys(toSign(request))) ? ` ${value}` : value)),
  integrator('whitespace', (request) => signing(request, `${canonical(request)}\n`)),
  withValues('value-unset', (value, name, request) =>
    name === pick(request, ['token', 'timestamp', 'user_id']) ? pick(request, ['undefined', '', 'null', 'None']) : value,
  ),
  withValues('number-reprinted', (value, name) => (name === 'timestamp' ? Number(value).toExponential().replace('e+', 'E') : value)),
  withValues('number-reprinted', (value, name) => (name === 'timestamp' ? Number(value).toExponential() : value)),
  withValues('number-reprinted', (value, name) => (name === 'timestamp' ? `${value}.0` : value)),
  withValues('number-reprinted', (value, name) => (name === 'timestamp' ? Number(value).toLocaleString('en-US') : value)),
  withValues('number-reprinted', (value, name) => (name === 'timestamp' ? String(Number(value) | 0) : value)),
  withValues('number-reprinted', (value, name) => (name === 'timestamp' ? Number(value).toPrecision(12).replace('e+', 'E+') : value)),
  withValues('number-reprinted', (value, name) => (name === 'amount' ? String(Number(value)) : value)),
  withValues('timestamp-signed-in-another-unit', (value, name) =>
    name === 'timestamp' ? String(Math.floor(Number(value) / 1000)) : value,
  ),
  withValues('timestamp-signed-in-another-unit', (value, name) => (name === 'timestamp' ? String(Number(value) / 1000) : value)),
  withValues('timestamp-signed-in-another-unit', (value, name) => (name === 'timestamp' ? `${value}000` : value)),
  withValues('timestamp-signed-in-another-unit', (value, name) => (name === 'timestamp' ? new Date(Number(value)).toISOString() : value)),
  withValues('timestamp-signed-in-another-unit', (value, name) =>
    name === 'timestamp' ? new Date(Number(value) + 7 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ') : value,
  ),
  withValues('timestamp-read-twice', (value, name, { dice }) => (name === 'timestamp' ? String(Number(value) - 1 - (dice % 400)) : value)),
  withValues('timestamp-read-twice', (value, name, { dice }) =>
    name === 'timestamp' ? String(Number(value) - 1000 * (1 + (dice % 300))) : value,
  ),
  withValues('timestamp-read-twice', (value, name) => (name === 'timestamp' ? String(Math.floor(Number(value) / 1000) * 1000) : value)),
  withValues('timestamp-read-twice', (value, name, { dice }) =>
    name === 'timestamp' ? String(Number(value) + 3_600_000 * (1 + (dice % 8))) : value,
  ),
  integrator('names-changed', (request) =>
    signing(
      request,
      glue(
        ksort(
          Object.fromEntries(
            Object.entries(toSign(request)).map(([name, value]) => [name.replace(/_(\w)/g, (_m, c: string) => c.toUpperCase()), value]),
          ),
        ),
      ),
    ),
  ),
  integrator('names-changed', (request) => {
    const { user_id, ...rest } = toSign(request)
    if (user_id === undefined) return null
    return signingFields(request, { ...rest, uid: user_id })
  }),
]

// --- changed after signing -------------------------------------------------------------------------------------------------

const changes: readonly Integrator[] = [
  withValues('value-changed', (value, name, request) =>
    name === 'platform'
      ? pick(
          request,
          ['ios', 'android', 'h5', 'web', 'H5'].filter((p) => p.toLowerCase() !== value),
        )
      : value,
  ),
  withValues('value-changed', (value, name) => (name === 'currency' ? (value === 'VND2' ? 'VND' : 'VND2') : value)),
  withValues('value-changed', (value, name) => (name === 'language' ? value.replaceAll('-', '_') : value)),
  withValues('value-changed', (value, name) => (name === 'status' ? (value === 'Active' ? 'LockAll' : 'Active') : value)),
  withValues('value-changed', (value, name, { fields }) => (name === 'user_id' ? `${fields.agent_id}_${value}` : value)),
  integrator('value-changed', (request) => {
    if (request.fields.user_id === undefined) return null
    const before = { ...request.fields, user_id: `was${request.dice}` }
    return { body: { ...request.fields, sign: digest(request, canonical({ ...request, fields: before })) }, prior: before }
  }),
  integrator('value-changed', (request) => {
    if (request.call.name !== 'login') return null
    const before = { ...request.fields, token: `earlier${request.dice}x` }
    return {
      body: { ...request.fields, sign: digest(request, canonical({ ...request, fields: before })) },
      prior: { ...before, timestamp: 1 },
    }
  }),
  integrator('sign-reused', (request) => {
    const timestamp = Number(request.fields.timestamp)
    const before = { ...request.fields, agent_id: `other${request.dice}`, timestamp: timestamp - 61_234 }
    return { body: { ...request.fields, sign: digest(request, canonical({ ...request, fields: before })) }, prior: before }
  }),
]

// --- how the text is made --------------------------------------------------------------------------------------------------

const texts: readonly Integrator[] = [
  integrator('separators', (request) => signing(request, glue(ksort(toSign(request)), '=', pick(request, [',', ';', '|', '', '\n', ' '])))),
  integrator('separators', (request) => signing(request, glue(ksort(toSign(request)), pick(request, ['', ':', '=>', ' = ']), '&'))),
  integrator('separators', (request) => signing(request, glue(ksort(toSign(request)), ':', ','))),
  integrator('stray-separator', (request) =>
    signing(
      request,
      ksort(toSign(request))
        .map(([name, value]) => `${name}=${value}&`)
        .join(''),
    ),
  ),
  integrator('values-only', (request) =>
    signing(
      request,
      ksort(toSign(request))
        .map(([, value]) => value)
        .join(pick(request, ['', '&', ',', '|'])),
    ),
  ),
  integrator('values-only', (request) => signing(request, Object.values(toSign(request)).join(''))),
  integrator('object-signed', (request) => signing(request, JSON.stringify(request.fields))),
  integrator('object-signed', (request) => signing(request, JSON.stringify(toSign(request)))),
  integrator('object-signed', (request) => signing(request, JSON.stringify(Object.fromEntries(ksort(toSign(request)))))),
  integrator('object-signed', (request) => signing(request, JSON.stringify(request.fields, null, 2))),
  integrator('object-signed', (request) =>
    signing(
      request,
      `{${Object.entries(toSign(request))
        .map(([name, value]) => `"${name}": ${JSON.stringify(value)}`)
        .join(', ')}}`,
    ),
  ),
  integrator('object-signed', (request) => signing(request, JSON.stringify(request.fields).replaceAll('/', '\\/'))),
  integrator('object-signed', (request) => signing(request, `{${glue(Object.entries(toSign(request)), '=', ', ')}}`)),
  hashing('text-encoding', ({ key }, text) => md5(Buffer.from(`${key}&${text}`, 'utf16le'))),
  hashing('text-encoding', ({ key }, text) => md5(Buffer.from(`${key}&${text}`, 'utf16le').swap16())),
  hmacing('text-encoding', ({ key }, text) => hmac('sha256', key, Buffer.from(text, 'utf16le'))),
  integrator('text-encoding', (request) => {
    const text = canonical(request)
    if (/^[\0-\x7f]*$/.test(text)) return null
    const bytes = Buffer.from(isMd5(request) ? `${request.key}&${text}` : text, 'latin1')
    return send(request, isMd5(request) ? md5(bytes) : hmac('sha256', request.key, bytes))
  }),
  hashing('text-encoding', ({ key }, text) => md5(`\ufeff${key}&${text}`)),
  hashing('text-case', (request, text) => md5(`${request.key}&${text}`.toUpperCase())),
  integrator('text-case', (request) => {
    const text = canonical(request)
    return !isMd5(request) || text === text.toLowerCase() ? null : send(request, md5(`${request.key}&${text}`.toLowerCase()))
  }),
  hashing('html-entities', ({ key }, text) => md5(`${key}&${text}`.replaceAll('&curren', '¤').replaceAll('&times', '×'))),
  integrator('nothing-signed', (request) => send(request, digest(request, 'undefined'))),
]

// --- which algorithm -------------------------------------------------------------------------------------------------------

const keyless: readonly Integrator[] = [hashing('nothing-signed', () => md5(''))]

const algorithms: readonly Integrator[] = [
  hashing('wrong-hash', ({ key }, text) => sha('sha1', `${key}&${text}`)),
  hashing('wrong-hash', ({ key }, text) => sha('sha256', `${key}&${text}`)),
  hashing('wrong-hash', ({ key }, text) => sha('sha512', `${key}&${text}`)),
  hashing('wrong-hash', ({ key }, text) => sha('sha256', `${key}&${text}`).slice(0, 32)),
  hashing('wrong-hash', ({ key }, text) => sha('sha512', `${key}&${text}`).slice(0, 64)),
  hmacing('wrong-hash', ({ key }, text) => hmac('md5', key, text)),
  hmacing('wrong-hash', ({ key }, text) => hmac('sha1', key, text)),
  hmacing('wrong-hash', ({ key }, text) => hmac('sha512', key, text).slice(0, 64)),
  hashing('other-algorithm', ({ key }, text) => hmac('sha256', key, text)),
  hmacing('other-algorithm', ({ key }, text) => md5(`${key}&${text}`)),
  hmacing(['other-algorithm', 'key-at-end'], ({ key }, text) => md5(`${text}&${key}`)),
  hashing('hmac-instead-of-hash', ({ key }, text) => hmac('md5', key, text)),
  hashing('hmac-instead-of-hash', ({ key }, text) => hmac('md5', key, `${key}&${text}`)),
  hashing('hmac-instead-of-hash', ({ key }, text) => hmac('sha1', key, text)),
  hmacing('hash-instead-of-hmac', ({ key }, text) => sha('sha256', `${key}&${text}`)),
  hmacing('hash-instead-of-hmac', ({ key }, text) => sha('sha256', text + key)),
  hmacing('hmac-swapped', ({ key }, text) => hmac('sha256', text, key)),
  hashing('hashed-twice', ({ key }, text) => md5(md5(`${key}&${text}`))),
  hashing('hashed-twice', ({ key }, text) => md5(md5(`${key}&${text}`).toUpperCase())),
  hashing('hashed-twice', ({ key }, text) => md5(md5(text) + key)),
]

// --- how sign is sent ------------------------------------------------------------------------------------------------------

/** Right except for how the digest is written. */
function written(kind: MistakeKind, write: (hex: string, request: Request) => unknown): Integrator {
  return integrator(kind, (request) => {
    const sign = digest(request, canonical(request))
    const sent = write(sign, request)
    return sent === sign || sent === null ? null : send(request, sent)
  })
}

const toBytes = (hex: string) => Buffer.from(hex, 'hex')

const signs: readonly Integrator[] = [
  integrator('sign-missing', ({ fields }) => ({ body: { ...fields } })),
  written('sign-missing', () => ''),
  written('sign-not-text', (hex) => Number.parseInt(hex.slice(0, 12), 16)),
  written('sign-not-text', (hex) => [hex]),
  written('sign-placeholder', (_hex, request) => pick(request, ['undefined', '[object Promise]', 'sign', 'null', '[object Object]'])),
  written('sign-sample', () => '7776e923ffee88bbd5293fa8ad4a9919'),
  written('sign-base64', (hex) => toBytes(hex).toString('base64')),
  written('sign-base64', (hex) => toBytes(hex).toString('base64url')),
  written('sign-base64', (hex) => btoa(hex)),
  written('sign-decorated', (hex) => hex.toUpperCase().replace(/..(?=.)/g, '$&-')),
  written('sign-decorated', (hex, request) => pick(request, [`0x${hex}`, `${hex}\n`, ` ${hex}`, `"${hex}"`, `md5=${hex}`, `b'${hex}'`])),
  written('sign-hex-twice', (hex, request) => (isMd5(request) ? Buffer.from(hex).toString('hex') : null)),
  written('sign-as-numbers', (hex) => `[${[...toBytes(hex)].map((byte) => (byte > 127 ? byte - 256 : byte)).join(', ')}]`),
  written('sign-as-numbers', (hex) => [...toBytes(hex)].join(',')),
  written('sign-as-numbers', (hex) => BigInt(`0x${hex}`).toString()),
  written('sign-placeholder', () => '[B@66a29884'),
  written('sign-binary', (hex) => Buffer.from(toBytes(hex).toString()).toString('hex')),
  written('sign-binary', (hex) => toBytes(hex).toString('latin1')),
  written('sign-binary', (hex) => toBytes(hex).toString('utf8')),
  written('sign-zeros-lost', (hex) => hex.replace(/^0+/, '')),
  written('sign-zeros-lost', (hex) => [...toBytes(hex)].map((byte) => byte.toString(16)).join('')),
  written('sign-cut', (hex) => hex.slice(0, 16)),
  written('sign-cut', (hex) => hex.slice(8, 24)),
  written('sign-cut', (hex) => hex.slice(0, -2)),
]

// --- the time --------------------------------------------------------------------------------------------------------------

/** The timestamp sent as it is signed, but wrong. */
function timed(kind: MistakeKind, write: (timestamp: number, request: Request) => unknown): Integrator {
  return integrator(kind, (request) => {
    const fields = { ...request.fields, timestamp: write(Number(request.fields.timestamp), request) }
    return send({ ...request, fields }, digest(request, canonical({ ...request, fields })))
  })
}

/** Right, but checked against another clock. */
function late(kind: MistakeKind, awayMs: (request: Request) => number): Integrator {
  return integrator(kind, (request) => ({
    ...send(request, digest(request, canonical(request))),
    now: Number(request.fields.timestamp) + awayMs(request),
  }))
}

const minute = 60_000
const times: readonly Integrator[] = [
  integrator('timestamp-missing', (request) => {
    const { timestamp: _timestamp, ...fields } = request.fields
    return send({ ...request, fields }, digest(request, canonical({ ...request, fields })))
  }),
  timed('timestamp-in-seconds', (timestamp) => Math.floor(timestamp / 1000)),
  timed('timestamp-in-seconds', (timestamp) => String(Math.floor(timestamp / 1000))),
  timed('timestamp-too-fine', (timestamp) => timestamp * 1000),
  timed('timestamp-too-fine', (timestamp) => `${timestamp}000000`),
  timed('timestamp-as-date', (timestamp) => new Date(timestamp).toISOString()),
  timed('timestamp-as-date', (timestamp) => new Date(timestamp).toISOString().slice(0, 19).replace('T', ' ')),
  timed('timestamp-as-date', (timestamp) => new Date(timestamp).toUTCString()),
  timed('timestamp-form', (timestamp) => `${timestamp}.0`),
  timed('timestamp-form', (timestamp) => timestamp.toLocaleString('en-US')),
  timed('timestamp-form', () => true),
  late('timestamp-behind', ({ dice }) => 11 * minute + (dice % (3 * 24 * 60 * minute))),
  late('timestamp-ahead', ({ dice }) => -(11 * minute + (dice % (15 * minute)))),
  late('timestamp-time-zone', (request) => pick(request, [-8, -7, -5.5, -3, 3, 5, 5.5, 8]) * 60 * minute + (request.dice % 20_000)),
]

const others: readonly Integrator[] = [
  integrator('signature-right', (request) =>
    send(request, pick(request, [digest(request, canonical(request)), digest(request, canonical(request)).toUpperCase()])),
  ),
  integrator('body-unreadable', (request) => ({
    ...send(request, ''),
    raw: glue(Object.entries({ ...request.fields, sign: digest(request, canonical(request)) })),
  })),
  integrator('field-rule', (request) => {
    const fields = { ...request.fields, agent_id: 'a!' }
    return send({ ...request, fields }, digest(request, canonical({ ...request, fields })))
  }),
]

// --- two at once -----------------------------------------------------------------------------------------------------------

const wrongKeyKinds = new Set<MistakeKind>(['key-retired', 'key-of-another-merchant', 'key-sample'])

/** The same integrator with a wrong key in the configuration. */
function withSpoiledKey({ causes, send: sendIt }: Integrator): Integrator[] {
  const spoilers: [MistakeKind, (request: Request) => string][] = [
    ['key-retired', ({ retiredKey }) => retiredKey],
    ['key-of-another-merchant', ({ foreignKey }) => foreignKey],
  ]
  return spoilers.map(([kind, spoil]) => ({
    causes: [kind, ...causes],
    send: (request) => sendIt({ ...request, key: spoil(request) }),
  }))
}

const spoilable: readonly Integrator[] = [
  ...keys.filter(({ causes }) => !causes.some((kind) => wrongKeyKinds.has(kind) || kind.startsWith('key-'))),
  ...fieldChoices,
  ...values,
  ...texts,
  ...algorithms,
]

const usualPairs: readonly Integrator[] = [
  hashing(['key-at-end', 'field-order'], (request) => md5(`${glue(Object.entries(toSign(request)))}&${request.key}`)),
  integrator(['key-as-field', 'value-encoded'], (request) => {
    const encoded = glue(ksort(toSign(request)).map(([name, value]) => [name, encodeURIComponent(String(value))]))
    return !isMd5(request) || encoded === canonical(request) ? null : send(request, md5(`${encoded}&key=${request.key}`))
  }),
  hashing(['key-at-end', 'wrong-hash'], ({ key }, text) => sha('sha256', text + key)),
  hashing(['key-as-field', 'wrong-hash'], ({ key }, text) => sha('sha1', `${text}&key=${key}`)),
  hashing(['key-separator', 'object-signed'], ({ key, fields }) => md5(key + JSON.stringify(fields))),
  hashing(['key-at-end', 'object-signed'], ({ key, fields }) => md5(JSON.stringify(fields) + key)),
  hashing(['key-at-end', 'values-only'], ({ key, ...request }) =>
    md5(
      ksort(toSign({ ...request, key }))
        .map(([, value]) => value)
        .join('') + key,
    ),
  ),
  hashing(['sign-base64', 'key-at-end'], ({ key }, text) => toBytes(md5(`${text}&${key}`)).toString('base64')),
  hashing(['sign-base64', 'wrong-hash'], ({ key }, text) => toBytes(sha('sha256', `${key}&${text}`)).toString('base64')),
]

/** All of them, each with a name for the table. */
export const carelessIntegrators: readonly Integrator[] = [
  ...keys,
  ...fieldChoices,
  ...values,
  ...changes,
  ...texts,
  ...keyless,
  ...algorithms,
  ...signs,
  ...times,
  ...others,
  ...usualPairs,
  ...spoilable.flatMap(withSpoiledKey),
]
