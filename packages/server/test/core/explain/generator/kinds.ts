/**
 * Mistakes by the stage at which they are made, written as they are made and without the explainer's code: which pairs, which text of
 * them, which signature of it. Stages compose, so that any two make a double mistake.
 */
import { createHash, createHmac } from 'node:crypto'
import type { MistakeKind } from '../../../../src/core/explain/explain-signature.ts'
import type { Request } from '../random-requests.ts'

export type Pairs = readonly (readonly [name: string, value: string])[]
export type Stage = 'pairs' | 'text' | 'digest'

interface Common {
  readonly name: string
  /** The kinds that may be named. */
  readonly accepts: readonly MistakeKind[]
}
export interface PairsKind extends Common {
  readonly stage: 'pairs'
  /** Takes the sorted pairs that should be signed; returns those that are. */
  readonly make: (pairs: Pairs, request: Request) => Pairs
}
export interface TextKind extends Common {
  readonly stage: 'text'
  readonly make: (pairs: Pairs, key: string, request: Request) => string
}
export interface DigestKind extends Common {
  readonly stage: 'digest'
  readonly make: (text: string, key: string) => string
}
export type Kind = PairsKind | TextKind | DigestKind

const md5 = (text: string | Buffer) => createHash('md5').update(text).digest('hex')

const values =
  (write: (value: string, name: string, request: Request) => string): PairsKind['make'] =>
  (pairs, request) =>
    pairs.map(([name, value]) => [name, write(value, name, request)])
const field = (wanted: string, write: (value: string) => string) => values((value, name) => (name === wanted ? write(value) : value))
const names =
  (write: (name: string) => string): PairsKind['make'] =>
  (pairs) =>
    pairs.map(([name, value]) => [write(name), value])
const camel = (name: string) => name.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase())
const glue = (pairs: Pairs, assign = '=', separator = '&') => pairs.map(([name, value]) => name + assign + value).join(separator)
const bytes = (hex: string) => Buffer.from(hex, 'hex')

type Row<M> = readonly [name: string, accepts: MistakeKind | readonly MistakeKind[], make: M]
const accepted = (kinds: MistakeKind | readonly MistakeKind[]) => (typeof kinds === 'string' ? [kinds] : kinds)

const encoded = ['value-encoded'] as const
const shown = ['value-quoted', 'value-unset', 'value-changed', 'text-wrapped'] as const
const date = ['timestamp-signed-in-another-unit', 'number-reprinted', 'timestamp-read-twice'] as const
const blank = ['whitespace', 'value-trimmed'] as const

const pairsRows: readonly Row<PairsKind['make']>[] = [
  ['encodeURIComponent', encoded, values(encodeURIComponent)],
  ['form encoding', encoded, values((value) => new URLSearchParams({ v: value }).toString().slice(2))],
  ['encodeURI', encoded, values(encodeURI)],
  ['encoded twice', encoded, values((value) => encodeURIComponent(encodeURIComponent(value)))],
  ['token encoded', encoded, field('token', encodeURIComponent)],
  ['lower case', ['value-case', 'text-case'], values((value) => value.toLowerCase())],
  ['upper case', ['value-case', 'text-case'], values((value) => value.toUpperCase())],
  ['platform upper', ['value-case', 'value-changed'], field('platform', (value) => value.toUpperCase())],
  ['language lower', ['value-case', 'value-changed'], field('language', (value) => value.toLowerCase())],
  ['language underscore', 'value-changed', field('language', (value) => value.replaceAll('-', '_'))],
  ['language short', 'value-changed', field('language', (value) => value.split('-')[0] ?? '')],
  ['seconds', date, field('timestamp', (value) => value.slice(0, 10))],
  ['microseconds', date, field('timestamp', (value) => `${value}000`)],
  ['iso date', date, field('timestamp', (value) => new Date(Number(value)).toISOString())],
  ['date at +8', date, field('timestamp', (value) => new Date(Number(value) + 288e5).toISOString().slice(0, 19).replace('T', ' '))],
  ['compact date', date, field('timestamp', (value) => new Date(Number(value)).toISOString().slice(0, 19).replace(/[-:T]/g, ''))],
  ['scientific', date, field('timestamp', (value) => Number(value).toExponential())],
  ['thousands', date, field('timestamp', (value) => Number(value).toLocaleString('en-US'))],
  ['german thousands', date, field('timestamp', (value) => Number(value).toLocaleString('de-DE'))],
  ['arabic digits', date, field('timestamp', (value) => Number(value).toLocaleString('ar-EG', { useGrouping: false }))],
  ['float', date, field('timestamp', (value) => `${value}.0`)],
  ['bigint', date, field('timestamp', (value) => `${value}n`)],
  ['32 bit', date, field('timestamp', (value) => String(Number(value) | 0))],
  ['clock 3 ms later', date, field('timestamp', (value) => String(Number(value) + 3))],
  ['clock 2 s later', date, field('timestamp', (value) => String(Number(value) + 2_000))],
  ['clock 1234 ms before', date, field('timestamp', (value) => String(Number(value) - 1_234))],
  ['quoted', shown, values((value) => `"${value}"`)],
  ['single quotes', shown, values((value) => `'${value}'`)],
  ['Optional', shown, values((value) => `Optional[${value}]`)],
  ['Some', shown, values((value) => `Some("${value}")`)],
  ['brackets', shown, values((value) => `["${value}"]`)],
  ['bytes', shown, values((value) => `b'${value}'`)],
  ['$name', ['value-unset', 'object-signed'], (pairs) => pairs.map(([name]) => [name, `$${name}`])],
  ['{{name}}', ['value-unset', 'object-signed'], (pairs) => pairs.map(([name]) => [name, `{{${name}}}`])],
  ['%s', ['value-unset', 'object-signed'], (pairs) => pairs.map(([name]) => [name, '%s'])],
  ['token not set', 'value-unset', field('token', () => 'undefined')],
  ['timestamp not set', ['value-unset', 'value-changed'], field('timestamp', () => '0')],
  ['user_id None', ['value-unset'], field('user_id', () => 'None')],
  ['line break in token', blank, field('token', (value) => `${value}\n`)],
  ['blank in user_id', blank, field('user_id', (value) => ` ${value}`)],
  ['no-break space in platform', blank, field('platform', (value) => `${value}\u00a0`)],
  ['trimmed', blank, values((value) => value.trim())],
  ['blanks after', blank, values((value) => `${value} `)],
  ['camelCase', 'names-changed', names(camel)],
  ['PascalCase', 'names-changed', names((name) => camel(`_${name}`))],
  ['UPPER names', 'names-changed', names((name) => name.toUpperCase())],
  ['kebab names', 'names-changed', names((name) => name.replaceAll('_', '-'))],
  ['userId alone', 'names-changed', (pairs) => pairs.map(([name, value]) => [name === 'user_id' ? 'userId' : name, value])],
  ['ts', 'names-changed', (pairs) => pairs.map(([name, value]) => [name === 'timestamp' ? 'ts' : name, value])],
  ['timestamp left out', 'signed-field-left-out', (pairs) => pairs.filter(([name]) => name !== 'timestamp')],
  ['token left out', 'signed-field-left-out', (pairs) => pairs.filter(([name]) => name !== 'token')],
  ['only agent and time', 'signed-field-left-out', (pairs) => pairs.filter(([name]) => name === 'agent_id' || name === 'timestamp')],
  ['sign_type in', 'unsigned-field-signed', (pairs) => [...pairs, ['sign_type', 'MD5'] as const].sort()],
  ['version in', 'unsigned-field-signed', (pairs) => [...pairs, ['version', '1.0'] as const].sort()],
  ['empty sign in', 'unsigned-field-signed', (pairs) => [...pairs, ['sign', ''] as const].sort()],
  ['reversed', 'field-order', (pairs) => [...pairs].reverse()],
  ['as in the body', 'field-order', (pairs, { fields }) => Object.keys(fields).flatMap((name) => pairs.filter(([own]) => own === name))],
  ['by value', 'field-order', (pairs) => [...pairs].sort(([, a], [, b]) => (a < b ? -1 : 1))],
  ['timestamp last', 'field-order', (pairs) => [...pairs.filter(([n]) => n !== 'timestamp'), ...pairs.filter(([n]) => n === 'timestamp')]],
  ['by length', 'field-order', (pairs) => [...pairs].sort(([a], [b]) => a.length - b.length)],
  ['enum', ['value-changed', 'value-unset'], field('platform', (value) => `Platform.${value.toUpperCase()}`)],
  ['enum number', ['value-changed', 'value-unset'], field('platform', () => '2')],
  ['slashes escaped', 'value-escaped', values((value) => value.replaceAll('/', '\\/'))],
  [
    'html',
    ['value-escaped', 'html-entities'],
    values((value) => value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')),
  ],
  ['one twice', 'field-twice', (pairs) => [...pairs, ...pairs.slice(0, 1)]],
]

const formed = [
  'another-form',
  'separators',
  'values-only',
  'key-at-end',
  'key-separator',
  'key-twice',
  'key-as-field',
  'stray-separator',
] as const
const placed = ['key-at-end', 'key-as-field', 'key-separator', 'key-twice', 'key-missing', 'another-form', 'key-quoted'] as const
const keyed = ['key-quoted', 'key-whitespace', 'key-transformed', 'key-case', 'key-placeholder', 'key-missing', 'key-as-field'] as const
const joined = [
  'object-signed',
  'request-line-signed',
  'text-wrapped',
  'nothing-signed',
  'stray-separator',
  'text-case',
  'html-entities',
  'whitespace',
  'value-encoded',
  'text-encoding',
] as const

const withKey =
  (write: (key: string) => string): TextKind['make'] =>
  (pairs, key) =>
    `${write(key)}&${glue(pairs)}`

const textRows: readonly Row<TextKind['make']>[] = [
  ['key at the end', placed, (pairs, key) => `${glue(pairs)}&${key}`],
  ['key at the end, bare', placed, (pairs, key) => glue(pairs) + key],
  ['&key=', placed, (pairs, key) => `${glue(pairs)}&key=${key}`],
  ['key= first', placed, (pairs, key) => `key=${key}&${glue(pairs)}`],
  ['&app_secret=', placed, (pairs, key) => `${glue(pairs)}&app_secret=${key}`],
  ['no separator', placed, (pairs, key) => key + glue(pairs)],
  ['key on both ends', placed, (pairs, key) => `${key}&${glue(pairs)}&${key}`],
  ['key on both ends, bare', placed, (pairs, key) => key + glue(pairs) + key],
  ['key in the middle', placed, (pairs, key) => `${glue(pairs.slice(0, 2))}&${key}&${glue(pairs.slice(2))}`],
  ['no key', placed, (pairs) => glue(pairs)],
  ['Taobao', formed, (pairs, key) => key + pairs.flat().join('') + key],
  ['run together, key last', formed, (pairs, key) => pairs.flat().join('') + key],
  ['values, key last', formed, (pairs, key) => pairs.map(([, value]) => value).join('') + key],
  ['values by pipes', formed, (pairs, key) => [key, ...pairs.map(([, value]) => value)].join('|')],
  ['values by commas, key last', formed, (pairs, key) => [...pairs.map(([, value]) => value), key].join(',')],
  ['pipes', formed, (pairs, key) => `${key}|${glue(pairs, '=', '|')}`],
  ['commas, key last', formed, (pairs, key) => `${glue(pairs, '=', ',')},${key}`],
  ['semicolons', formed, (pairs, key) => `${key};${glue(pairs, '=', ';')}`],
  ['line breaks', formed, (pairs, key) => `${key}\n${glue(pairs, '=', '\n')}`],
  ['colons and commas', formed, (pairs, key) => `${key}&${glue(pairs, ':', ',')}`],
  ['hashes, values, key on both ends', formed, (pairs, key) => [key, ...pairs.map(([, value]) => value), key].join('#')],
  ['trailing &', formed, (pairs, key) => `${key}&${glue(pairs)}&`],
  ['=> and commas', formed, (pairs, key) => `${key}&${glue(pairs, '=>', ', ')}`],
  ['"key"', keyed, withKey((key) => `"${key}"`)],
  ['typographic quotes', keyed, withKey((key) => `“${key}”`)],
  ['key and line break', keyed, withKey((key) => `${key}\n`)],
  ['blank within', keyed, withKey((key) => `${key.slice(0, 8)} ${key.slice(8)}`)],
  ['key: label', keyed, withKey((key) => `key: ${key}`)],
  ['braces', keyed, withKey((key) => `{${key}}`)],
  ['key in lower case', keyed, withKey((key) => key.toLowerCase())],
  ['md5 of the key', keyed, withKey(md5)],
  ['base64 of the key', keyed, withKey(btoa)],
  ['Kubernetes', keyed, withKey((key) => btoa(`${key}\n`))],
  ['hex of the key', keyed, withKey((key) => Buffer.from(key).toString('hex'))],
  ['YOUR_KEY', keyed, withKey(() => 'YOUR_KEY')],
  ['not filled in', keyed, withKey(() => '$' + '{key}')],
  ['key;', keyed, withKey((key) => `${key};`)],
  ['JSON', joined, (pairs, key) => `${key}&${JSON.stringify(Object.fromEntries(pairs))}`],
  ['JSON of the body', joined, (_pairs, key, { fields }) => `${key}&${JSON.stringify(fields)}`],
  ['path', joined, (pairs, key, { call }) => `${key}&${call.path}?${glue(pairs)}`],
  ['method', joined, (pairs, key) => `POST&${key}&${glue(pairs)}`],
  ['?', joined, (pairs, key) => `${key}&?${glue(pairs)}`],
  ['echo', joined, (pairs, key) => `${key}&${glue(pairs)}\n`],
  ['upper case text', joined, (pairs, key) => `${key}&${glue(pairs)}`.toUpperCase()],
  ['base64 text', joined, (pairs, key) => btoa(unescape(encodeURIComponent(`${key}&${glue(pairs)}`)))],
  ['percent-encoded text', joined, (pairs, key) => encodeURIComponent(`${key}&${glue(pairs)}`)],
  ['quoted text', joined, (pairs, key) => JSON.stringify(`${key}&${glue(pairs)}`)],
  ['&times', joined, (pairs, key) => `${key}&${glue(pairs)}`.replaceAll('&times', '×').replaceAll('&curren', '¤')],
  ['BOM', joined, (pairs, key) => `\ufeff${key}&${glue(pairs)}`],
  ['undefined', joined, (_pairs, key) => `${key}&undefined`],
]

const hashed = [
  'wrong-hash',
  'hashed-twice',
  'hmac-instead-of-hash',
  'other-algorithm',
  'hmac-swapped',
  'text-encoding',
  'nothing-signed',
] as const
const written = [
  'sign-decorated',
  'sign-base64',
  'sign-as-numbers',
  'sign-hex-twice',
  'sign-binary',
  'sign-zeros-lost',
  'sign-cut',
] as const

const digestRows: readonly Row<DigestKind['make']>[] = [
  ...(['sha1', 'sha256', 'sha512', 'sha384', 'sha3-256', 'ripemd160'] as const).map(
    (name): Row<DigestKind['make']> => [name, hashed, (text) => createHash(name).update(text).digest('hex')],
  ),
  ['HMAC-MD5', hashed, (text, key) => createHmac('md5', key).update(text).digest('hex')],
  ['HMAC-SHA256', hashed, (text, key) => createHmac('sha256', key).update(text).digest('hex')],
  ['md5 twice', hashed, (text) => md5(md5(text))],
  ['md5 twice, upper', hashed, (text) => md5(md5(text).toUpperCase())],
  ['md5 of sha256', hashed, (text) => md5(createHash('sha256').update(text).digest('hex'))],
  ['sha256, 32 digits', hashed, (text) => createHash('sha256').update(text).digest('hex').slice(0, 32)],
  ['UTF-16', hashed, (text) => md5(Buffer.from(text, 'utf16le'))],
  ['of nothing', hashed, () => md5('')],
  ['base64', written, (text) => bytes(md5(text)).toString('base64')],
  ['base64 of hex', written, (text) => btoa(md5(text))],
  ['base64url', written, (text) => bytes(md5(text)).toString('base64url')],
  ['UUID', written, (text) => md5(text).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')],
  ['GUID', written, (text) => md5(text).replace(/^(..)(..)(..)(..)(..)(..)(..)(..)(..)(..)/, '$4$3$2$1-$6$5-$8$7-$9$10-')],
  ['Bearer', written, (text) => `Bearer ${md5(text)}`],
  ['0x', written, (text) => `0x${md5(text)}`],
  ['braces around', written, (text) => `{${md5(text)}}`],
  ['md5sum', written, (text) => `${md5(text)}  -`],
  ['openssl', written, (text) => `MD5(stdin)= ${md5(text)}`],
  ['signed bytes', written, (text) => `[${[...bytes(md5(text))].map((byte) => (byte > 127 ? byte - 256 : byte)).join(', ')}]`],
  ['one number', written, (text) => BigInt(`0x${md5(text)}`).toString()],
  ['WordArray', written, (text) => JSON.stringify({ words: [0, 4, 8, 12].map((at) => bytes(md5(text)).readInt32BE(at)), sigBytes: 16 })],
  ['line break after', written, (text) => `${md5(text)}\n`],
  ['dashes', written, (text) => md5(text).replace(/..(?=.)/g, '$&-')],
  ['hex twice', written, (text) => Buffer.from(md5(text)).toString('hex')],
]

const stamp = (write: (ms: number) => string) => field('timestamp', (value) => write(Number(value)))

const morePairsRows: readonly Row<PairsKind['make']>[] = [
  ['minutes', date, stamp((ms) => String(Math.floor(ms / 60_000)))],
  ['rounded to seconds', date, stamp((ms) => String(Math.floor(ms / 1_000) * 1_000))],
  ['RFC 1123 date', date, stamp((ms) => new Date(ms).toUTCString())],
  ['date with slashes', date, stamp((ms) => new Date(ms).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' '))],
  ['ISO date at +08:00', date, stamp((ms) => `${new Date(ms + 288e5).toISOString().slice(0, 19)}+08:00`)],
  ['clock 4321 ms before', date, stamp((ms) => String(ms - 4_321))],
  ['microtime()', date, stamp((ms) => `0.${String(ms % 1_000).padStart(3, '0')}12300 ${Math.floor(ms / 1_000)}`)],
  ['microtime(true)', date, stamp((ms) => String(Number((ms / 1_000 + 0.0003).toFixed(4))))],
  ['time.time()', date, stamp((ms) => String(ms / 1_000 + 0.000_45))],
  ['hexadecimal', date, stamp((ms) => ms.toString(16))],
  ['float of 32 bits', date, stamp((ms) => String(Math.fround(ms)))],
  ['%s of a number in Go', ['number-reprinted', 'value-quoted', 'value-unset'], stamp((ms) => `%!s(int64=${ms})`)],
  ['user_id lower', ['value-case', 'value-changed'], field('user_id', (value) => value.toLowerCase())],
  [
    'user_id of the agent',
    'value-changed',
    (pairs) => pairs.map(([n, v]) => [n, n === 'user_id' ? `${new Map(pairs).get('agent_id')}_${v}` : v]),
  ],
  ['language upper', ['value-case', 'value-changed'], field('language', (value) => value.toUpperCase())],
  ['currency lower', ['value-case', 'value-changed'], field('currency', (value) => value.toLowerCase())],
  ['platform constant', ['value-changed', 'value-case'], field('platform', (value) => `PlatformEnum.${value.toUpperCase()}`)],
  ['capitalised values', 'value-case', values((value) => value.charAt(0).toUpperCase() + value.slice(1))],
  ['agent_id last', 'field-order', (pairs) => [...pairs.slice(1), ...pairs.slice(0, 1)]],
  ['token first', 'field-order', (pairs) => [...pairs.filter(([n]) => n === 'token'), ...pairs.filter(([n]) => n !== 'token')]],
  [':name', ['value-unset', 'object-signed'], (pairs) => pairs.map(([name]) => [name, `:${name}`])],
  ['$fields[…]', ['value-unset', 'object-signed'], (pairs) => pairs.map(([name]) => [name, `$fields['${name}']`])],
  [
    'user_id and agent_id exchanged',
    ['value-changed'],
    (pairs) => {
      const of = new Map(pairs)
      return pairs.map(([n, v]) => [n, (n === 'user_id' ? of.get('agent_id') : n === 'agent_id' ? of.get('user_id') : v) ?? ''])
    },
  ],
  ['token without its padding', ['value-changed', 'value-trimmed'], field('token', (value) => value.replace(/={1,2}$/, ''))],
  [
    'unicode escaped',
    'value-escaped',
    values((value) => value.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)),
  ],
  ['plus for blank', ['value-encoded', 'value-decoded'], values((value) => value.replaceAll(' ', '+'))],
  ['in parentheses', shown, values((value) => `(${value})`)],
  ['struct of sql', shown, values((value) => `{${value} true}`)],
  ['null token', 'value-unset', field('token', () => 'null')],
  ['name for value', ['value-unset', 'object-signed', 'names-changed'], (pairs) => pairs.map(([name]) => [name, name])],
]

const address = 'https://login.example.com'

const moreTextRows: readonly Row<TextKind['make']>[] = [
  ['key and colon', placed, (pairs, key) => `${key}:${glue(pairs)}`],
  ['key twice at the start', placed, (pairs, key) => `${key}&${key}&${glue(pairs)}`],
  ['secret_key= last', placed, (pairs, key) => `${glue(pairs)}&secret_key=${key}`],
  ['key= among the fields', placed, (pairs, key) => `${[...glue(pairs).split('&'), `key=${key}`].sort().join('&')}`],
  ['key= run on', placed, (pairs, key) => `${glue(pairs)}key=${key}`],
  ['path, text, key', [...placed, ...joined], (pairs, key, { call }) => `${call.path}?${glue(pairs)}&${key}`],
  ['URL', joined, (pairs, key, { call }) => `${key}&${address}${call.path}?${glue(pairs)}`],
  ['method and URL', joined, (pairs, key, { call }) => `${key}&POST&${address}${call.path}&${glue(pairs)}`],
  ['host', joined, (pairs, key) => `${key}&${new URL(address).host}&${glue(pairs)}`],
  ['JSON, the key after', [...joined, ...placed], (pairs, key) => JSON.stringify(Object.fromEntries(pairs)) + key],
  ['JSON with a list of names', joined, (_pairs, key, { fields }) => `${key}&${JSON.stringify(fields, Object.keys(fields).sort())}`],
  ['blanks between', formed, (pairs, key) => `${key}&${glue(pairs, '=', ' ')}`],
  ['values by &', formed, (pairs, key) => `${key}&${pairs.map(([, value]) => value).join('&')}`],
  ['values by hyphens, key last', formed, (pairs, key) => [...pairs.map(([, value]) => value), key].join('-')],
  ['&& between', formed, (pairs, key) => `${key}&${glue(pairs, '=', '&&')}`],
  ['underscores', formed, (pairs, key) => [key, ...pairs.map(([name, value]) => `${name}=${value}`)].join('_')],
  ['line break written out', formed, (pairs, key) => `${key}&${glue(pairs, '=', '\\n')}`],
  ['sha256 of the key', keyed, withKey((key) => createHash('sha256').update(key).digest('hex'))],
  ['key reversed', keyed, withKey((key) => [...key].reverse().join(''))],
  ['KEY in upper case', keyed, withKey((key) => key.toUpperCase())],
  ['key and comment', keyed, withKey((key) => `${key} # production`)],
  ['export KEY=', keyed, withKey((key) => `export MERCHANT_KEY=${key}`)],
  ['"key";', keyed, withKey((key) => `"${key}";`)],
  ['key of JSON', keyed, withKey((key) => `"key": "${key}"`)],
  ['$canonical', joined, (_pairs, key) => `${key}&$canonical`],
  ['list of Python', joined, (pairs, key) => `${key}&['${pairs.map((pair) => pair.join('=')).join("', '")}']`],
]

const moreDigestRows: readonly Row<DigestKind['make']>[] = [
  ['md5 of base64', [...hashed, 'text-wrapped'], (text) => md5(Buffer.from(text).toString('base64'))],
  ['HMAC-SHA1', hashed, (text, key) => createHmac('sha1', key).update(text).digest('hex')],
  ['HMAC, text as the key', hashed, (text, key) => createHmac('md5', text).update(key).digest('hex')],
  ['HMAC with KEY&', [...hashed, 'key-quoted'], (text, key) => createHmac('sha256', `${key}&`).update(text).digest('hex')],
  ['md5 of md5 and key', hashed, (text, key) => md5(md5(text) + key)],
  ['sha512, 32 digits', hashed, (text) => createHash('sha512').update(text).digest('hex').slice(0, 32)],
  ['md5 in base64, then md5', hashed, (text) => md5(bytes(md5(text)).toString('base64'))],
  ['sm3', hashed, (text) => createHash('sm3').update(text).digest('hex')],
  ['UTF-8 twice', hashed, (text) => md5(Buffer.from(Buffer.from(text).toString('latin1')))],
  ['base64, percent-encoded', written, (text) => encodeURIComponent(bytes(md5(text)).toString('base64'))],
  [
    'colons',
    written,
    (text) =>
      md5(text)
        .toUpperCase()
        .replace(/..(?=.)/g, '$&:'),
  ],
  ['base32', [...written, 'sign-form'], (text) => base32(bytes(md5(text)))],
  ['bytes by blanks', written, (text) => [...bytes(md5(text))].join(' ')],
  ['in quotes', written, (text) => `"${md5(text)}"`],
  [
    'nameUUIDFromBytes',
    written,
    (text) =>
      uuid(
        md5(text).replace(
          /^(.{12}).(.{3}).(.*)$/,
          (_all, a, b, c) => `${a}3${b}${((Number.parseInt(md5(text).charAt(16), 16) & 3) | 8).toString(16)}${c}`,
        ),
      ),
  ],
  ['reversed bytes', written, (text) => (md5(text).match(/../g) ?? []).reverse().join('')],
  ['\\x of each byte', written, (text) => md5(text).replace(/../g, '\\x$&')],
  ['zeros lost', written, (text) => md5(text).replace(/0(.)|(..)/g, '$1$2')],
  ['words of 32 bits', written, (text) => [0, 4, 8, 12].map((at) => bytes(md5(text)).readInt32BE(at)).join(',')],
]

function uuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function base32(data: Buffer): string {
  const bits = [...data].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

/** In this list every third is held out: see `isHeldOut`. */
export const kinds: readonly Kind[] = [
  ...pairsRows.map(([name, accepts, make]): Kind => ({ stage: 'pairs', name, accepts: accepted(accepts), make })),
  ...textRows.map(([name, accepts, make]): Kind => ({ stage: 'text', name, accepts: accepted(accepts), make })),
  ...digestRows.map(([name, accepts, make]): Kind => ({ stage: 'digest', name, accepts: accepted(accepts), make })),
  ...morePairsRows.map(([name, accepts, make]): Kind => ({ stage: 'pairs', name, accepts: accepted(accepts), make })),
  ...moreTextRows.map(([name, accepts, make]): Kind => ({ stage: 'text', name, accepts: accepted(accepts), make })),
  ...moreDigestRows.map(([name, accepts, make]): Kind => ({ stage: 'digest', name, accepts: accepted(accepts), make })),
]

/** Any choice of one to three kinds in different stages, signed with this key. */
export function signedBy(chosen: readonly Kind[], sorted: Pairs, key: string, request: Request): { text: string; sign: string } {
  const of = <S extends Stage>(stage: S) => chosen.find((kind): kind is Extract<Kind, { stage: S }> => kind.stage === stage)
  const pairs = of('pairs')?.make(sorted, request) ?? sorted
  const written = (mark: string) => of('text')?.make(pairs, mark, request) ?? `${mark}&${glue(pairs)}`
  const text = written(key)
  return { text, sign: of('digest')?.make(text, key) ?? md5(text) }
}
