import { createHmac, hash } from 'node:crypto'
import { type KeyUse, type SigningAlgorithmId, type SigningHash, signingAlgorithms } from '@lobbykey/contract'
import type { Attempt, Family, Mistake } from '../mistake.ts'

const placeholders = [
  'key',
  'KEY',
  'Key',
  'secret',
  'SECRET',
  'your_key',
  'YOUR_KEY',
  'yourkey',
  '<key>',
  '{key}',
  '$key',
  '$' + '{key}',
  '%s',
  '[object Object]',
] as const

/**
 * Another key, or the right one altered: always the whole key. A cut or mistyped key is never reported as nearly right, or a key could be
 * guessed bit by bit.
 */
export const keyMistakes: Family = {
  ruledOut:
    'another key that is known here (retired, from the documentation, of another merchant: the 200 changed last), a usual placeholder or an ID instead, and the right key with spaces or quotes, in lower or upper case, or encoded in the usual ways',
  *mistakes(attempt) {
    const { keys } = attempt
    const known = new Set([...keys.active, ...(keys.retired ?? []), ...(keys.others ?? [])])
    for (const key of keys.retired ?? []) yield wrongKey('key-retired', 'The key is one that this merchant has retired.', key)
    for (const key of keys.others ?? []) {
      yield wrongKey('key-of-another-merchant', 'The key belongs to another merchant than agent_id names.', key)
    }
    for (const key of keys.published ?? []) {
      if (!known.has(key)) yield wrongKey('key-sample', "The key is the documentation's sample key.", key)
    }
    yield* standIns(attempt)
    for (const key of keys.active) yield* alteredKeys(key, attempt)
  },
}

function wrongKey(kind: Mistake['kind'], sentence: string, key: string): Mistake {
  return { kind, sentence, steps: { key }, reach: 'any' }
}

/** What is hashed instead of a key that was never filled in, or was confused with something beside it. */
function* standIns({ keys, pairs }: Attempt): Generator<Mistake> {
  for (const [index, key] of ['', 'undefined', 'null', 'None', 'nil', '<nil>'].entries()) {
    const sentence = 'The signature was made without the key: it was empty when the text was built.'
    yield { kind: 'key-missing', sentence, steps: { key }, reach: index < 4 ? 'key' : 'alone' }
  }
  for (const key of placeholders) {
    const sentence = 'A placeholder, such as the word key, was hashed instead of the key.'
    yield { kind: 'key-placeholder', sentence, steps: { key }, reach: 'alone' }
  }
  for (const [name, key] of pairs.filter(([name]) => ['agent_id', 'token', 'user_id'].includes(name))) {
    yield { kind: 'key-is-identifier', sentence: `The value of ${name} was used as the key.`, steps: { key }, reach: 'alone' }
  }
  for (const key of keys.ids ?? []) {
    yield { kind: 'key-is-identifier', sentence: "The key's ID was used as the key.", steps: { key }, reach: 'alone' }
  }
}

/** The right key, altered. */
export function* alteredKeys(key: string, attempt: Attempt): Generator<Mistake> {
  const { algorithm } = attempt.profile
  for (const [index, [what, altered]] of withBlanks(key, algorithm).entries()) {
    const sentence = `The key was used with ${what}.`
    yield { kind: 'key-whitespace', sentence, steps: { key: altered }, reach: index < 4 ? 'key' : 'alone' }
  }
  for (const [open, close] of [
    ['"', '"'],
    ["'", "'"],
    ["b'", "'"],
    ['`', '`'],
    ['<', '>'],
    ['{', '}'],
    ['[', ']'],
    ['(', ')'],
    ['“', '”'],
    ['‘', '’'],
    ['„', '“'],
    ['”', '”'],
    ['«', '»'],
    ['$' + '{', '}'],
    ['{{', '}}'],
    ['%', '%'],
    ['["', '"]'],
    ['\\"', '\\"'],
    ['"', '",'],
    ['"', '";'],
    ["'", "';"],
    ["'", "',"],
  ] as const) {
    const sentence = 'The key was used with quotes or brackets around it.'
    yield { kind: 'key-quoted', sentence, steps: { key: `${open}${key}${close}` }, reach: open === '"' ? 'key' : 'alone' }
  }
  yield { kind: 'key-case', sentence: 'The key was lower-cased.', steps: { key: key.toLowerCase() } }
  yield { kind: 'key-case', sentence: 'The key was upper-cased.', steps: { key: key.toUpperCase() } }
  yield* labelledKeys(key, attempt)
  yield* dividedKeys(key)
  yield* transformedKeys(key, algorithm)
}

/** What configurations call it. In the text, the first ones with = would be a field, and are reported as that. */
const fieldNames = ['key', 'KEY', 'Key', 'secret', 'md5_key', 'merchant_key', 'api_key', 'sign_key']
const settingNames = ['SECRET', 'MD5_KEY', 'MERCHANT_KEY', 'API_KEY', 'SIGN_KEY', 'SECRET_KEY', 'APP_KEY', 'APP_SECRET', 'LOBBYKEY_KEY']
const commentWords = ['production', 'prod', 'live', 'test', 'staging', 'sandbox', 'key', 'secret']

/** A whole line of a configuration, and what is beside a key in one. */
function* labelledKeys(key: string, { profile, pairs }: Attempt): Generator<Mistake> {
  const isField = signingAlgorithms[profile.algorithm].keyUse === 'key-in-text'
  const agentId = pairs.find(([name]) => name === 'agent_id')?.[1] ?? ''
  const lines = [...fieldNames, ...settingNames].flatMap((name) => [
    ...(isField && fieldNames.includes(name) ? [] : [`${name}=${key}`]),
    ...[`${name}: `, `${name}:`, `${name} `, `${name} = `, `export ${name}=`, `- ${name}: `].map((label) => label + key),
    ...['=', ': ', ':', ' = '].flatMap((assign) => [`${name}${assign}"${key}"`, `${name}${assign}'${key}'`]),
    `"${name}": "${key}"`,
    `"${name}":"${key}"`,
  ])
  const comments = [...commentWords, agentId].flatMap((word) => [' # ', ' // ', ' ; ', '#', ' -- '].map((mark) => `${key}${mark}${word}`))
  const beside = [':', '_', '-', '/', '|', ',', ' ', '=', ''].map((separator) => `${agentId}${separator}${key}`)
  yield {
    kind: 'key-quoted',
    sentence: 'The key was used with an & after it, as OAuth 1.0 makes its HMAC key.',
    steps: { key: `${key}&` },
    reach: isField ? 'alone' : 'key',
  }
  for (const line of [
    ...lines,
    ...comments,
    ...beside,
    `${key}\\n`,
    `${key}\\r\\n`,
    `- ${key}`,
    `${key};`,
    `${key},`,
    `${key}.`,
    `&${key}`,
    `${key}#`,
    `${key} #`,
    `Bearer ${key}`,
    `Basic ${key}`,
    `$${key}`,
  ]) {
    yield {
      kind: 'key-quoted',
      sentence: 'The key was used with more around it than the key itself: its name, a separator or another part of its line.',
      steps: { key: line },
      reach: 'alone',
    }
  }
}

/** One space or line break within it, as from copying out of a page or a mail. */
function* dividedKeys(key: string): Generator<Mistake> {
  const divided = Array.from({ length: Math.max(0, key.length - 1) }, (_, at) =>
    [' ', '\n'].map((blank) => key.slice(0, at + 1) + blank + key.slice(at + 1)),
  )
  for (const altered of [...divided.flat(), ...[4, 8].map((size) => key.replace(new RegExp(`.{${size}}(?=.)`, 'g'), '$& '))]) {
    yield {
      kind: 'key-whitespace',
      sentence: 'The key was used with a space or line break within it.',
      steps: { key: altered },
      reach: 'alone',
    }
  }
}

function withBlanks(key: string, algorithm: SigningAlgorithmId): (readonly [what: string, altered: string])[] {
  const blanks: (readonly [what: string, altered: string])[] = [
    ['a line break after it', `${key}\n`],
    ['a line break after it', `${key}\r\n`],
    ['a space after it', `${key} `],
    ['a space before it', ` ${key}`],
    ['a carriage return after it', `${key}\r`],
    ['a tab after it', `${key}\t`],
    ['a space on both sides', ` ${key} `],
    ['a line break before it', `\n${key}`],
    ['a tab before it', `\t${key}`],
    ['a no-break space after it', `${key}\u00a0`],
    ['a zero-width space after it', `${key}\u200b`],
    ['a zero byte after it', `${key}\0`],
  ]
  // In the text it would precede the whole text, which is reported as that.
  return signingAlgorithms[algorithm].keyUse === 'key-in-text' ? blanks : [...blanks, ['a byte order mark before it', `\ufeff${key}`]]
}

/** The key as languages print a list of its characters or bytes. */
function listsOf(key: string): string[] {
  const [chars, bytes] = [[...key], [...Buffer.from(key)]]
  return [
    `[${chars.join(', ')}]`,
    `['${chars.join("', '")}']`,
    chars.join(','),
    `[${bytes.join(', ')}]`,
    `[${bytes.join(' ')}]`,
    bytes.join(','),
  ]
}

function* transformedKeys(key: string, algorithm: SigningAlgorithmId): Generator<Mistake> {
  const sentence = 'The key was hashed, encoded or decoded before it was used.'
  const bytes = Buffer.from(key)
  const md5 = hash('md5', key, 'hex')
  const sha256 = hash('sha256', key, 'hex')
  const hex = bytes.toString('hex')
  const encoded = [`${key}\n`, `${key}\r\n`].map((line) => Buffer.from(line).toString('base64'))
  const others = [
    ...encoded,
    encodeURIComponent(key),
    bytes.toString('base64url'),
    key + key,
    sha256,
    sha256.toUpperCase(),
    hash('sha1', key, 'hex'),
    hex,
    hex.toUpperCase(),
    [...key].reverse().join(''),
    ...listsOf(key),
  ]
  for (const [index, altered] of [md5, md5.toUpperCase(), bytes.toString('base64'), ...others].entries()) {
    yield { kind: 'key-transformed', sentence, steps: { key: altered }, reach: index < 3 ? 'key' : 'alone' }
  }
  for (const encoding of ['base64', 'hex'] as const) {
    const decoded = Buffer.from(key, encoding)
    // Decoders stop at or skip what they do not know: the result would be a part of the key.
    if (decoded.toString(encoding) !== key) continue
    const { keyUse, hash } = signingAlgorithms[algorithm]
    yield { kind: 'key-transformed', sentence, steps: decodedKeySteps[keyUse](decoded, hash), reach: 'alone' }
  }
}

const decodedKeySteps: Readonly<Record<KeyUse, (key: Buffer, hash: SigningHash) => Mistake['steps']>> = {
  'key-in-text': (key) => ({ key: key.toString('latin1'), encode: (text) => Buffer.from(text, 'latin1') }),
  hmac: (key, hash) => ({ digest: (message) => createHmac(hash, key).update(message).digest('hex') }),
}
