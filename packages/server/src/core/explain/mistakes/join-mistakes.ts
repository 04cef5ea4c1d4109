import { type Attempt, asText, type Family, isEmpty, type Mistake } from '../mistake.ts'
import { asIs, byName, joinWith, type Pair, query, type Recipe } from '../recipe.ts'
import { hashMapOrders } from './order-mistakes.ts'
import { formEncoded, percentEncoded, strictlyEncoded } from './percent-encoding.ts'

const separators = [
  '&',
  '',
  ',',
  ', ',
  ';',
  '; ',
  '|',
  '||',
  '\n',
  '\r\n',
  ' ',
  '\t',
  '&amp;',
  '&&',
  ' & ',
  '& ',
  '+',
  '-',
  '_',
  ':',
  '/',
  '.',
  '#',
  '~',
  '\\n',
]
const assigns = ['=', '', ':', ': ', ' = ', '= ', '==', '=>', '->', '-', '_', '|', ',', ' ', '/']
const usualSeparators = new Set(['', ',', ';', '|', '\n'])
const valueSeparators = ['', '&', ',', '|', ';', ' ', '-', '_', ':', '+', '#', '\n', '.', '/', ', ', '||', '=']

/** The fields joined differently than as `k1=v1&k2=v2`. */
export const joinMistakes: Family = {
  ruledOut:
    'the fields joined differently: other usual separators, a trailing &, values or names only, the first or last character cut off, or the fields or the whole body as JSON or as a usual printed list or object',
  *mistakes(attempt) {
    for (const separator of separators.slice(1)) yield joined('=', separator)
    for (const assign of assigns.slice(1)) yield joined(assign, '&')
    yield* strayAmpersands
    for (const separator of valueSeparators) yield* valuesOnly(attempt, separator)
    yield* namesOnly
    yield* printedLists
    yield* cutTexts
    yield* requestLine(attempt)
    yield* printedObjects(attempt)
    yield* wholeBodies(attempt)
    yield* javaCollections(attempt)
    for (const separator of separators.slice(1))
      for (const assign of assigns.slice(1))
        yield { ...joined(assign, separator), reach: assign === ':' && usualSeparators.has(separator) ? 'key' : 'alone' }
  },
}

function joined(assign: string, separator: string): Mistake {
  const sentence =
    assign === '='
      ? `The fields are joined with ${shown(separator)} where & belongs.`
      : separator === '&'
        ? `Name and value are joined with ${shown(assign)} where = belongs.`
        : `The fields are joined with ${shown(separator)} and ${shown(assign)} where & and = belong.`
  const isUsual = (assign === '=' && usualSeparators.has(separator)) || (separator === '&' && (assign === '' || assign === ':'))
  return { kind: 'separators', sentence, steps: { join: joinWith(assign, separator) }, reach: isUsual ? 'any' : 'key' }
}

const names: Readonly<Record<string, string>> = {
  '': 'nothing',
  ' ': 'a space',
  '\t': 'a tab',
  '\n': 'a line break',
  '\r\n': 'a line break',
}

function shown(separator: string): string {
  return names[separator] ?? `“${separator}”`
}

const strayAmpersands: readonly Mistake[] = [
  stray('there is one after the last field', (pairs) => `${query(pairs)}&`, 'any'),
  stray('there is one more before the first field', (pairs) => `&${query(pairs)}`),
  stray('there is a ? before the fields, as in a URL', (pairs) => `?${query(pairs)}`),
  stray('there is a comma after the last field', (pairs) => `${query(pairs)},`),
]

const namesOnly = ['&', ',', '', ', ', '|'].map(
  (separator): Mistake => ({
    kind: 'separators',
    sentence: 'Only the names of the fields were joined, without their values.',
    steps: { join: (pairs) => pairs.map(([name]) => name).join(separator) },
    reach: 'alone',
  }),
)

/** As Python, Java and Go print a list. */
const printedLists = (['name=value', 'value'] as const).flatMap((what) =>
  [
    ['', ' '],
    ['', ', '],
    ["'", ', '],
    ['"', ', '],
    ['"', ','],
  ].map(
    ([quote = '', separator = '']): Mistake => ({
      kind: what === 'value' ? 'values-only' : 'separators',
      sentence: `A list of ${what === 'value' ? 'the values' : 'name=value'} in brackets was signed instead of the fields joined with &.`,
      steps: {
        join: (pairs) => `[${pairs.map(([name, text]) => quote + (what === 'value' ? text : `${name}=${text}`) + quote).join(separator)}]`,
      },
      reach: 'alone',
    }),
  ),
)

/** Of the fields alone: of the whole text it could be a part of the key (check 92). */
const cutTexts = [['last', 0, -1] as const, ['first', 1, undefined] as const].map(
  ([which, from, to]): Mistake => ({
    kind: 'text-cut',
    sentence: `The ${which} character of the fields was cut off the signed text, as if it were an &.`,
    steps: { join: (pairs) => query(pairs).slice(from, to) },
    reach: 'alone',
  }),
)

function stray(where: string, join: Recipe['join'], reach: Mistake['reach'] = 'key'): Mistake {
  return { kind: 'stray-separator', sentence: `The & belongs between fields only, but ${where}.`, steps: { join }, reach }
}

function* valuesOnly({ body, call }: Attempt, separator: string): Generator<Mistake> {
  const join: Recipe['join'] = (pairs) => pairs.map(([, text]) => text).join(separator)
  const sentence = 'Only the values were joined, without the names.'
  const reach = separator === '' || separator === '&' ? 'any' : 'key'
  yield { kind: 'values-only', sentence, steps: { join }, reach }
  for (const order of [Object.keys(body), Object.keys(call.schema.properties)]) {
    const listed: Recipe['order'] = (pairs) => [...pairs].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
    yield { kind: 'values-only', sentence: `${sentence.slice(0, -1)}, and unsorted.`, steps: { join, order: listed }, reach }
  }
}

type Style = (value: Readonly<Record<string, unknown>>) => string

const escapedUnicode = (json: string) =>
  json.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
const spaced = (json: string) => json.replace(/"(?:[^"\\]|\\.)*"?|[:,]/g, (part) => (part === ':' || part === ',' ? `${part} ` : part))
const compact: Style = (value) => JSON.stringify(value)

const pascal = (name: string) => `_${name}`.replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase())
const camel = (name: string) => name.replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase())
const renamed = (value: Readonly<Record<string, unknown>>, rename: (name: string) => string) =>
  Object.fromEntries(Object.entries(value).map(([name, item]) => [rename(name), item]))
const typeNames = [
  'namespace',
  'LoginRequest',
  'MemberLoginRequest',
  'Login',
  'Request',
  'LoginReq',
  'LoginDto',
  'LoginDTO',
  'Params',
  'Fields',
  'Body',
]
const listedAs = (value: Readonly<Record<string, unknown>>, assign: string, separator: string, quote: string) =>
  Object.entries(value)
    .map(([name, item]) => `${name}${assign}${typeof item === 'string' ? quote + item + quote : asText(item)}`)
    .join(separator)

/** Go's structs, Lombok, IntelliJ, records, dataclasses; PHP's print_r, serialize and var_export; Node's inspect. */
const printedTypes: readonly Style[] = [
  (value) => `{${listedAs(renamed(value, pascal), ':', ' ', '')}}`,
  (value) => `&{${listedAs(renamed(value, pascal), ':', ' ', '')}}`,
  (value) => `{${Object.values(value).map(asText).join(' ')}}`,
  ...typeNames.flatMap((type): Style[] => [
    (value) => `${type}(${listedAs(renamed(value, camel), '=', ', ', '')})`,
    (value) => `${type}[${listedAs(renamed(value, camel), '=', ', ', '')}]`,
    (value) => `${type}{${listedAs(renamed(value, camel), '=', ', ', "'")}}`,
    (value) => `${type} { ${listedAs(renamed(value, pascal), ' = ', ', ', '')} }`,
    (value) => `${type}(${listedAs(value, '=', ', ', "'")})`,
    (value) => `${type}(${listedAs(value, '=', ', ', '')})`,
    (value) => `main.${type}{${listedAs(renamed(value, pascal), ':', ', ', '"')}}`,
  ]),
  (value) =>
    `Array\n(\n${Object.entries(value)
      .map(([name, item]) => `    [${name}] => ${asText(item)}\n`)
      .join('')})\n`,
  (value) =>
    `array (\n${Object.entries(value)
      .map(([name, item]) => `  '${name}' => ${typeof item === 'number' ? item : `'${asText(item)}'`},\n`)
      .join('')})`,
  serialized,
  (value) =>
    `{\n${Object.entries(value)
      .map(([name, item]) => `  ${name}: ${typeof item === 'string' ? `'${item}'` : asText(item)}`)
      .join(',\n')}\n}`,
  (value) => `{ ${listedAs(value, ': ', ', ', "'")} }`,
  (value) => Object.entries(value).flat().map(asText).join(','),
  (value) => Object.entries(value).flat().map(asText).join(''),
  (value) => JSON.stringify(Object.entries(value)),
  (value) => JSON.stringify(Object.values(value)),
]

function serialized(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    const inner = Object.entries(value).flatMap(([name, item]) => [serialized(name), serialized(item)])
    return `a:${Object.keys(value).length}:{${inner.join('')}}`
  }
  return typeof value === 'number' ? `i:${value};` : `s:${Buffer.byteLength(asText(value))}:"${asText(value)}";`
}

/** How languages and libraries write an object as text. */
const styles: readonly Style[] = [
  compact,
  // With a list of names as the replacer, which leaves nested names out too.
  (value) => JSON.stringify(value, Object.keys(value).sort()),
  (value) => spaced(escapedUnicode(JSON.stringify(value))),
  python,
  (value) => spaced(JSON.stringify(value)),
  (value) => escapedUnicode(JSON.stringify(value)).replaceAll('/', '\\/'),
  (value) => JSON.stringify(value).replaceAll('/', '\\/'),
  (value) => escapedUnicode(JSON.stringify(value)),
  (value) => escapedUnicode(JSON.stringify(value, null, 4)).replaceAll('/', '\\/'),
  (value) => JSON.stringify(value, null, 2),
  (value) => JSON.stringify(value, null, 4),
  (value) => JSON.stringify(value, null, '\t'),
  (value) => JSON.stringify(value, null, 2).replaceAll('\n', '\r\n'),
  (value) => `${JSON.stringify(value)}\n`,
  (value) => bracketed(value, ['{', '}'], '=', ', ', ''),
  (value) => bracketed(value, ['map[', ']'], ':', ' ', ''),
  (value) => bracketed(value, ['{', '}'], '=>', ', ', '"'),
  (value) => bracketed(value, ['{', '}'], ' => ', ', ', '"'),
  (value) =>
    `[${Object.entries(value)
      .map(([name, item]) => `('${name}', ${python(item)})`)
      .join(', ')}]`,
]

/** The body as one text: JSON in its usual forms, or what a language prints for a map. */
function* printedObjects(attempt: Attempt): Generator<Mistake> {
  const { body, pairs, raw } = attempt
  const sentence = 'A text of the whole object, such as JSON, was signed instead of k1=v1&k2=v2.'
  const { sign: _sign, ...unsigned } = body
  const inBody = (fields: readonly Pair[]) => Object.keys(body).filter((name) => fields.some(([signed]) => signed === name))
  for (const [index, style] of styles.entries()) {
    const filled = Object.fromEntries(Object.entries(unsigned).filter(([, value]) => !isEmpty(value)))
    const wholes = [unsigned, sortedByName(unsigned), filled, sortedByName(filled), { ...body, sign: '' }, { ...unsigned, sign: '' }]
    const parts: Recipe['join'][] = [
      ...wholes.map((whole) => () => style(whole)),
      (fields) => style(picked(body, fields, inBody(fields))),
      (fields) => style(picked(body, fields, fields.map(([name]) => name).sort())),
      (fields) => style(Object.fromEntries(fields)),
      (fields) => style({ ...unsigned, timestamp: String(fields.find(([name]) => name === 'timestamp')?.[1]) }),
    ]
    for (const [part, join] of parts.entries()) {
      const isUsual = index < 2 || (index < 6 && part < 2)
      yield { kind: 'object-signed', sentence, steps: { select: asIs, order: asIs, join }, reach: isUsual ? 'any' : 'key' }
    }
  }
  const sent = Object.fromEntries(Object.entries(unsigned).filter(([, value]) => !isEmpty(value)))
  const signed = Object.fromEntries(
    Object.keys(body).flatMap((name) => pairs.filter(([own]) => own === name).map(() => [name, body[name]])),
  )
  for (const style of printedTypes) {
    for (const whole of [signed, sortedByName(signed), sent, sortedByName(sent)]) {
      const join: Recipe['join'] = () => style(whole)
      yield { kind: 'object-signed', sentence, steps: { select: asIs, order: asIs, join }, reach: 'alone' }
    }
  }
  if (raw === null || pairs.length === 0) return
  for (const text of [raw, raw.replace(/\s?,\s*"sign"\s*:\s*"[^"]*"|"sign"\s*:\s*"[^"]*"\s*,\s*/, '')]) {
    yield { kind: 'object-signed', sentence, steps: { join: () => text } }
  }
}

/** The fields by these names, values as they stand in the body: a number stays a number. */
function picked(body: Readonly<Record<string, unknown>>, fields: readonly Pair[], names: readonly string[]): Record<string, unknown> {
  const texts = new Map(fields)
  return Object.fromEntries(names.map((name) => [name, asText(body[name]) === texts.get(name) ? body[name] : texts.get(name)]))
}

function sortedByName(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    entries.map(([name, item]) => [name, typeof item === 'object' && item !== null ? sortedByName(item as Record<string, unknown>) : item]),
  )
}

function bracketed(value: unknown, [open, close]: readonly [string, string], assign: string, separator: string, quote: string): string {
  if (value === null) return quote === "'" ? 'None' : 'null'
  if (typeof value !== 'object') return typeof value === 'string' ? `${quote}${value}${quote}` : String(value)
  const entries = Object.entries(value).map(
    ([name, item]) => `${quote}${name}${quote}${assign}${bracketed(item, [open, close], assign, separator, quote)}`,
  )
  return `${open}${entries.join(separator)}${close}`
}

/** Every field that was sent, through a function that encodes a form: PHP's http_build_query, Python's urlencode. */
function* wholeBodies({ body }: Attempt): Generator<Mistake> {
  const sentence = 'The whole body was signed form-encoded, as by http_build_query or urlencode.'
  const { sign: _sign, ...unsigned } = body
  const nested = (name: string, value: unknown, print: Style | null): Pair[] =>
    typeof value === 'object' && value !== null && print === null
      ? Object.entries(value).flatMap(([key, item]) => nested(`${name}[${key}]`, item, null))
      : [[name, typeof value === 'object' && value !== null && print !== null ? print(value as Record<string, unknown>) : asText(value)]]
  for (const encode of [formEncoded, strictlyEncoded, asIs]) {
    for (const print of [null, python, compact]) {
      for (const whole of [unsigned, sortedByName(unsigned)]) {
        const pairs = Object.entries(whole).flatMap(([name, value]) => (value === null ? [] : nested(name, value, print)))
        const join: Recipe['join'] = () => pairs.map((pair) => pair.map(encode).join('=')).join('&')
        yield { kind: 'value-encoded', sentence, steps: { select: asIs, order: asIs, join }, reach: encode === asIs ? 'alone' : 'key' }
      }
    }
  }
}

/** What Java prints for a map and its parts. */
function* javaCollections({ body, call }: Attempt): Generator<Mistake> {
  const sentence = 'A text of the whole object, such as Java prints for a Map, was signed instead of k1=v1&k2=v2.'
  const printed = (pairs: readonly Pair[]) => pairs.map((pair) => pair.join('='))
  const styles: readonly Recipe['join'][] = [
    (pairs) => `{${printed(pairs).join(', ')}}`,
    (pairs) => `[${printed(pairs).join(', ')}]`,
    (pairs) => `[${pairs.map(([, text]) => text).join(', ')}]`,
  ]
  for (const join of styles) {
    for (const order of [byName, ...hashMapOrders(Object.keys(body), Object.keys(call.schema.properties))])
      yield { kind: 'object-signed', sentence, steps: { order, join }, reach: order === byName ? 'key' : 'alone' }
  }
}

/** As Python's repr. */
function python(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'object') {
    const entries = Object.entries(value).map(([name, item]) => `${python(name)}: ${python(item)}`)
    return Array.isArray(value) ? `[${value.map(python).join(', ')}]` : `{${entries.join(', ')}}`
  }
  if (typeof value !== 'string') return String(value)
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'"
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
  return quote + escaped.replaceAll(quote, `\\${quote}`) + quote
}

/** Method, host or path, or several of them, before the fields, as other gateways require. */
function* requestLine({ call, origin }: Attempt): Generator<Mistake> {
  const { path, method } = call
  const url = origin === null ? null : URL.parse(path, origin)
  const kind = 'request-line-signed'
  const sentence = 'The signed text begins with the method, host, path or URL of the request.'
  const lines = [
    path,
    method,
    ...(url === null ? [] : [url.href, url.host]),
    `${method}${path}`,
    `${method} ${path}`,
    `${method}&${path}`,
    `${method}\n${path}`,
    ...(url === null ? [] : [`${method}${url.href}`, `${method} ${url.href}`, `${method}&${url.href}`, `${url.host}${path}`]),
    ...(url === null ? [] : [`${method}\n${url.host}\n${path}`, `${method}${url.host}${path}`]),
    path.slice(1),
    call.name,
  ]
  // The signature base string of OAuth 1.0 is encoded once more.
  for (const address of url === null ? [path] : [url.href, path]) {
    const join: Recipe['join'] = (pairs) => [method, address, query(pairs)].map(percentEncoded).join('&')
    yield { kind, sentence, steps: { join } }
  }
  for (const glue of ['?', '', '&', '\n', ' ', '|', ':']) {
    for (const line of lines) {
      yield { kind, sentence, steps: { join: (pairs) => line + glue + query(pairs) } }
      yield { kind, sentence, steps: { place: (text, key) => `${line}${glue}${key}&${text}` }, reach: 'alone' }
    }
  }
}
