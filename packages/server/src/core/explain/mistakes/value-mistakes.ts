import type { Attempt, Family, Mistake } from '../mistake.ts'
import type { MistakeKind } from '../mistake-kinds.ts'
import { byName, type Pair, query, type Recipe } from '../recipe.ts'
import { decoders, encoders } from './percent-encoding.ts'
import { printedNumbers } from './printed-numbers.ts'

/** Values or names written differently than in the body. */
export const valueMistakes: Family = {
  ruledOut:
    'values percent-encoded or decoded, escaped, quoted or trimmed in the usual ways, in another case, with spaces or line breaks, empty when signed; numbers and names written in other usual ways',
  *mistakes(attempt) {
    yield* encoded(attempt)
    yield* otherCase(attempt)
    yield* otherNames(attempt)
    yield* numbered(attempt)
    yield* quoted(attempt)
    yield* escaped()
    yield* reprinted(attempt)
    yield* blanks(attempt)
    yield* unset(attempt)
    yield* notFilledIn(attempt)
    yield* wrapped(attempt)
    yield* enumerated(attempt)
  },
}

type Write = (text: string) => string

/** Every value written so. */
function all(kind: MistakeKind, sentence: string, write: Write, reach: Mistake['reach'] = 'key'): Mistake {
  return { kind, sentence, steps: { print: ([name, text]) => [name, write(text)] }, reach }
}

/** One field's value written so. */
export function one(kind: MistakeKind, field: string, sentence: string, write: Write, reach: Mistake['reach'] = 'key'): Mistake {
  const print: Recipe['print'] = (pair) => (pair[0] === field ? [field, write(pair[1])] : pair)
  return { kind, sentence, field, steps: { print }, reach }
}

function* encoded({ pairs, body }: Attempt): Generator<Mistake> {
  for (const [index, write] of encoders.entries()) {
    // Names too, which matters for those of nested fields, such as limits[USD_101].
    const print: Recipe['print'] = ([name, text]) => [write(name), write(text)]
    const sentence = 'Values were percent-encoded before they were signed.'
    yield { kind: 'value-encoded', sentence, steps: { print }, reach: index < 2 ? 'any' : 'key' }
  }
  for (const [index, write] of decoders.entries()) {
    yield all('value-decoded', 'Values were percent-decoded before they were signed.', write, index < 2 ? 'any' : 'key')
  }
  const names = new Set([...pairs.map(([name]) => name), ...Object.keys(body)])
  for (const field of ['token', 'desc', 'callback'].filter((name) => names.has(name))) {
    for (const write of encoders)
      yield one('value-encoded', field, `The value of ${field} was percent-encoded before it was signed.`, write, 'alone')
    for (const write of decoders)
      yield one('value-decoded', field, `The value of ${field} was percent-decoded before it was signed.`, write, 'alone')
  }
}

function* otherCase({ pairs }: Attempt): Generator<Mistake> {
  yield all('value-case', 'Values were lower-cased before they were signed.', (text) => text.toLowerCase(), 'any')
  yield all('value-case', 'Values were upper-cased before they were signed.', (text) => text.toUpperCase(), 'any')
  // As Python's title and PHP's ucwords.
  const title: Write = (text) => text.toLowerCase().replace(/(?<!\p{L})\p{L}/gu, (letter) => letter.toUpperCase())
  const words: Write = (text) => text.replace(/(?<![^ ])[a-z]/g, (letter) => letter.toUpperCase())
  for (const write of [title, words]) yield all('value-case', 'Values were capitalised before they were signed.', write)
  for (const [field] of pairs) {
    yield one('value-case', field, `The value of ${field} was lower-cased before it was signed.`, (text) => text.toLowerCase())
    yield one('value-case', field, `The value of ${field} was upper-cased before it was signed.`, (text) => text.toUpperCase())
    const capital: Write = (text) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()
    yield one('value-case', field, `The value of ${field} was capitalised before it was signed.`, capital, 'alone')
  }
}

const camel: Write = (name) => name.replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase())
const nameForms: readonly Write[] = [
  camel,
  (name) => camel(`_${name}`),
  (name) => name.toUpperCase(),
  (name) => name.replaceAll('_', ''),
  (name) => name.replaceAll('_', '-'),
  (name) => camel(name).replace(/Id$/, 'ID'),
]
const aliases: Readonly<Record<string, readonly string[]>> = {
  user_id: ['uid', 'userid', 'user', 'username', 'user_name', 'member_id', 'player_id'],
  agent_id: ['agent', 'agentid', 'merchant_id', 'aid'],
  user_name: ['username', 'name', 'nickname', 'user_id'],
  game_code: ['game', 'game_id', 'gamecode', 'code'],
  language: ['lang'],
  timestamp: ['time', 'ts', 't'],
  platform: ['device'],
  currency: ['cur'],
  desc: ['description'],
  token: ['user_token'],
}

function* otherNames({ pairs }: Attempt): Generator<Mistake> {
  const sentence = 'Field names are spelt differently in the signed text than in the body, such as userId for user_id.'
  for (const [index, write] of nameForms.entries()) {
    const steps: Mistake['steps'] = { print: ([name, text]) => [write(name), text] }
    yield { kind: 'names-changed', sentence, steps, reach: index < 2 ? 'any' : 'key' }
    // Sorted before they were renamed.
    const join: Recipe['join'] = (fields) => query(fields.map(([name, text]) => [write(name), text]))
    yield { kind: 'names-changed', sentence, steps: { join }, reach: 'alone' }
  }
  for (const [field] of pairs) {
    const others = [...(aliases[field] ?? []), ...nameForms.map((write) => write(field)).filter((name) => name !== field)]
    for (const [index, alias] of others.entries()) {
      const renamed = (pair: Pair): Pair => (pair[0] === field ? [alias, pair[1]] : pair)
      const sentence = `${field} is called ${alias} in the signed text.`
      yield { kind: 'names-changed', sentence, field, steps: { print: renamed }, reach: index === 0 ? 'key' : 'alone' }
      yield { kind: 'names-changed', sentence, field, steps: { join: (fields) => query(fields.map(renamed)) }, reach: 'alone' }
    }
  }
}

/** PHP's `sort` in place of `ksort`, and lists in general. */
function* numbered({ body }: Attempt): Generator<Mistake> {
  const sentence =
    "The fields have numbers as names in the signed text: a list of values was joined, such as PHP's sort makes; ksort keeps names."
  const inOrderOf = (names: readonly string[]) => (pairs: readonly Pair[]) =>
    [...pairs].sort(([a], [b]) => names.indexOf(a) - names.indexOf(b))
  const byValue: Recipe['order'] = (pairs) => [...pairs].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0))
  for (const order of [byValue, byName, inOrderOf(Object.keys(body))]) {
    for (const first of [0, 1]) {
      const join: Recipe['join'] = (pairs) => query(pairs.map(([, text], index) => [String(first + index), text]))
      yield { kind: 'names-changed', sentence, steps: { order, join }, reach: 'alone' }
    }
  }
}

function* quoted({ body, pairs }: Attempt): Generator<Mistake> {
  const isNumber = typeof body.timestamp === 'number'
  for (const quote of ['"', "'"]) {
    const wrap: Write = (text) => `${quote}${text}${quote}`
    const sentence = 'Values are in quotes in the signed text.'
    yield all('value-quoted', sentence, wrap, 'any')
    const print: Recipe['print'] = ([name, text]) => [name, name === 'timestamp' && isNumber ? text : wrap(text)]
    yield { kind: 'value-quoted', sentence, steps: { print }, reach: 'any' }
    yield one('value-quoted', 'timestamp', 'The value of timestamp is in quotes in the signed text.', wrap)
  }
  for (const [field] of pairs) {
    const sentence = `The value of ${field} is in quotes in the signed text.`
    for (const quote of ['"', "'"]) yield one('value-quoted', field, sentence, (text) => `${quote}${text}${quote}`, 'alone')
  }
  yield all('value-quoted', 'Values are in brackets in the signed text, as lists of one are printed.', (text) => `[${text}]`)
  yield all('value-quoted', 'Values are in brackets in the signed text, as lists of one are printed.', (text) => `['${text}']`)
}

const ascii: Write = (text) => text.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
const jsonEscaped: Write = (text) => JSON.stringify(text).slice(1, -1)
const html: Write = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

function* escaped(): Generator<Mistake> {
  const writes: readonly Write[] = [
    ascii,
    (text) => text.replaceAll('/', '\\/'),
    jsonEscaped,
    (text) => ascii(text).replaceAll('/', '\\/'),
    (text) => ascii(jsonEscaped(text)),
    (text) => ascii(jsonEscaped(text)).replaceAll('/', '\\/'),
    (text) => jsonEscaped(text).replaceAll('/', '\\/'),
    html,
    (text) => html(text).replaceAll("'", '&#039;'),
    (text) => html(text).replaceAll("'", '&#39;'),
    (text) => html(text).replaceAll("'", '&#x27;'),
    (text) => html(text).replaceAll("'", '&apos;'),
    (text) => text.replace(/['"\\]/g, '\\$&'),
    (text) => text.replaceAll("'", "''"),
    (text) => text.replaceAll('\\', '\\\\'),
    (text) => ascii(text).replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`),
    (text) => text.replace(/[^\0-\x7f]/gu, (char) => `&#${char.codePointAt(0)};`),
    (text) => text.replace(/[<>&'"+]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
    (text) => text.replace(/[<>&'"+]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`),
    (text) => text.replace(/[<>&]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
  ]
  for (const [index, write] of writes.entries()) {
    yield all('value-escaped', 'Values were escaped, as for JSON or HTML, before they were signed.', write, index < 2 ? 'any' : 'key')
  }
}

function* reprinted({ pairs }: Attempt): Generator<Mistake> {
  const amount = Number(pairs.find(([name]) => name === 'amount')?.[1])
  if (Number.isFinite(amount)) {
    for (const text of [
      String(amount),
      ...[2, 1, 0, 3, 4, 6].map((decimals) => amount.toFixed(decimals)),
      amount.toLocaleString('en-US'),
    ]) {
      yield one('number-reprinted', 'amount', `amount stands in the signed text as “${text}”, and not as in the body.`, () => text)
    }
  }
  const digits = pairs.find(([name]) => name === 'timestamp')?.[1]
  if (digits === undefined || !/^[0-9]{9,19}$/.test(digits)) return
  for (const [index, text] of [...printedNumbers(digits)].entries()) {
    const sentence = `timestamp is in the signed text as “${text}”, not in the digits that were sent.`
    yield one('number-reprinted', 'timestamp', sentence, () => text, index < 3 ? 'any' : 'key')
  }
}

function* blanks({ pairs }: Attempt): Generator<Mistake> {
  yield all('value-trimmed', 'Values were trimmed before they were signed.', (text) => text.trim(), 'any')
  yield all('value-trimmed', 'Spaces were removed from values before they were signed.', (text) => text.replaceAll(' ', ''))
  yield all('value-trimmed', 'Runs of spaces were collapsed into one before values were signed.', (text) => text.replace(/ +/g, ' '))
  for (const end of [' ', '\n', '\r\n', '\t']) {
    yield all('whitespace', 'Values have a space or line break after them in the signed text.', (text) => text + end)
  }
  for (const [field] of [...pairs].reverse()) {
    for (const end of [' ', '\n', '\r\n', '\t', '\r', '\0', '\u200b', '\u00a0']) {
      // At the end of the whole text it is told as that.
      if (field === pairs.at(-1)?.[0] && end !== '\u200b' && end !== '\u00a0') continue
      yield one('whitespace', field, `The value of ${field} has a space or line break after it in the signed text.`, (text) => text + end)
    }
    for (const start of [' ', '\n', '\t', '\ufeff', '\u200b', '\u00a0']) {
      yield one('whitespace', field, `The value of ${field} has a space or similar before it in the signed text.`, (text) => start + text)
    }
    yield one('whitespace', field, `The value of ${field} has spaces around it in the signed text.`, (text) => ` ${text} `, 'alone')
  }
}

/** A value that was not there yet when the text was built. */
function* unset({ pairs }: Attempt): Generator<Mistake> {
  for (const [field] of pairs) {
    for (const [index, word] of [
      '',
      'undefined',
      'null',
      'None',
      'nil',
      '<nil>',
      '0',
      'NaN',
      'NULL',
      '[object Object]',
      'false',
    ].entries()) {
      const sentence = `${field} was empty or not yet set when the text was signed.`
      yield one('value-unset', field, sentence, () => word, index < 4 ? 'key' : 'alone')
    }
  }
}

/** A template that was signed as it stands. */
function* notFilledIn({ pairs }: Attempt): Generator<Mistake> {
  const forms: readonly ((name: string) => string)[] = [
    (name) => `$${name}`,
    (name) => `{${name}}`,
    (name) => `\${${name}}`,
    (name) => `{{${name}}}`,
    (name) => `{{ ${name} }}`,
    (name) => `#{${name}}`,
    (name) => `%${name}%`,
    (name) => `%(${name})s`,
    (name) => `:${name}`,
    (name) => `@${name}`,
    (name) => `<${name}>`,
    (name) => `$${camel(name)}`,
    (name) => `{${camel(name)}}`,
    (name) => `\${${camel(name)}}`,
    (name) => `{$${name}}`,
    (name) => `$fields['${name}']`,
    (name) => `$fields[${name}]`,
    (name) => `$params['${name}']`,
    (name) => `$data['${name}']`,
    (name) => `{fields['${name}']}`,
    (name) => `{params['${name}']}`,
    (name) => `\${fields.${name}}`,
    (name) => `\${params.${name}}`,
    (name) => `\${this.${camel(name)}}`,
    (name) => `{self.${name}}`,
    (name) => `" + ${name} + "`,
    (name) => `" . $${name} . "`,
    () => '%s',
    () => '%v',
    () => '?',
    () => '{}',
    (name) => name,
  ]
  for (const form of forms) {
    const print: Recipe['print'] = ([name]) => [name, form(name)]
    const sentence = 'Names of variables or placeholders are in the signed text instead of the values: the template was not filled in.'
    yield { kind: 'value-unset', sentence, steps: { print } }
    for (const key of ['key', 'secret', 'merchant_key']) {
      const words = 'Names of variables or placeholders stand in the signed text in place of the values and the key: it was not filled in.'
      yield { kind: 'value-unset', sentence: words, steps: { print, key: form(key) }, reach: 'alone' }
    }
    for (const [field] of pairs) {
      yield one(
        'value-unset',
        field,
        `A placeholder stands in the signed text in place of the value of ${field}.`,
        () => form(field),
        'alone',
      )
    }
  }
}

/** As Python prints bytes. */
export function pythonBytes(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escapes: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 92: '\\\\', [quote.charCodeAt(0)]: `\\${quote}` }
  const plain = (byte: number) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)
  return `b${quote}${[...Buffer.from(text)].map((byte) => escapes[byte] ?? plain(byte)).join('')}${quote}`
}

/** What languages print around a wrapped value. */
function* wrapped({ pairs, call }: Attempt): Generator<Mistake> {
  const required = new Set(call.schema.required)
  const wraps: readonly Write[] = [
    (text) => `Optional[${text}]`,
    (text) => `Some(${text})`,
    (text) => `Some("${text}")`,
    (text) => `Optional(${text})`,
    (text) => `Optional("${text}")`,
    (text) => `Just ${text}`,
    pythonBytes,
    (text) => `u'${text}'`,
    (text) => `('${text}',)`,
    (text) => `{${text}}`,
    (text) => `(${text})`,
    (text) => `<${text}>`,
    (text) => `:${text}`,
    (text) => `["${text}"]`,
    (text) => `Just "${text}"`,
    (text) => `:"${text}"`,
    (text) => `{String: ${text}, Valid: true}`,
    (text) => `{${text} true}`,
    // Go's verbs for another type.
    (text) => `%!d(string=${text})`,
    (text) => `%!s(int64=${text})`,
    (text) => `%!s(int=${text})`,
    (text) => `%!s(float64=${text})`,
  ]
  for (const wrap of wraps) {
    const sentence = 'is printed with what holds it, such as Optional[…] or Some(…), in the signed text.'
    yield all('value-quoted', `Each value ${sentence}`, wrap)
    const print: Recipe['print'] = ([name, text]) => [name, required.has(name) ? text : wrap(text)]
    yield { kind: 'value-quoted', sentence: `Each optional field's value ${sentence}`, steps: { print } }
    for (const [field] of pairs) yield one('value-quoted', field, `The value of ${field} ${sentence}`, wrap, 'alone')
  }
}

/** The name or number of an enum value. */
function* enumerated({ pairs }: Attempt): Generator<Mistake> {
  for (const [field, text] of pairs.filter(([name]) => ['platform', 'status', 'language', 'currency'].includes(name))) {
    const constant = text
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .replaceAll('-', '_')
      .toUpperCase()
    const capital = text.charAt(0).toUpperCase() + text.slice(1)
    const type = field.charAt(0).toUpperCase() + field.slice(1)
    const members = [text, constant, capital]
    const types = [type, `${type}Type`, `${type}Enum`, `E${type}`, `Member${type}`]
    const forms = [
      constant,
      ...types.flatMap((name) =>
        members.flatMap((member) => [`${name}.${member}`, `${name}::${member}`, `<${name}.${member}: '${text}'>`]),
      ),
      ...Array.from({ length: 10 }, (_, number) => String(number)),
    ]
    for (const form of forms) {
      const sentence = `${field} was signed as “${form}”, the program's own name or number for it.`
      yield one('value-changed', field, sentence, () => form, 'alone')
    }
  }
}
