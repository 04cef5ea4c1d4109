import type { Family, Mistake } from '../mistake.ts'
import type { Recipe } from '../recipe.ts'
import { encodeLegacy, legacyEncodings } from './legacy-encoding.ts'
import { encoders, percentEncoded } from './percent-encoding.ts'
import { pythonBytes } from './value-mistakes.ts'

/** The text changed on its way to the hash, as a whole. */
export const encodingMistakes: Family = {
  ruledOut:
    'the text hashed in another encoding (UTF-16, Latin-1, with a byte order mark), in another case, with a line break, or HTML- or URL-encoded as a whole',
  mistakes: () => mistakes,
}

type Encode = Recipe['encode']

const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16()
/**
 * Bytes that are not UTF-8, only for a text without zero bytes: with both, the padding of a digest could be forged, and a signature
 * extended by it would reveal the length of the key (check 92).
 */
const unlessPadded =
  (encode: Encode): Encode =>
  (text) =>
    text.includes('\0') ? text : encode(text)
const latin1 = unlessPadded((text) => Buffer.from(text, 'latin1'))

const textEncodings: readonly (readonly [name: string, encode: Encode])[] = [
  ['UTF-16 (little endian)', (text) => Buffer.from(text, 'utf16le')],
  ['UTF-16 (big endian)', bigEndian],
  ['UTF-16 with a byte order mark', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['UTF-16 with a byte order mark', (text) => bigEndian(`\ufeff${text}`)],
  ['UTF-8 with a byte order mark', (text) => `\ufeff${text}`],
  ['UTF-32', utf32],
  ['Latin-1', (text) => latin1(text.replace(/[^\0-\xff]/gu, '?'))],
  ['Latin-1', latin1],
  ['ASCII', (text) => text.replace(/[^\0-\x7f]/gu, '?')],
  ['ASCII', (text) => text.replace(/[^\0-\x7f]/g, '?')],
  ['ASCII', (text) => text.replace(/[^\0-\x7f]/g, '')],
  ['UTF-8 twice over', (text) => Buffer.from(text).toString('latin1')],
  ...legacyEncodings.map(([name, label]) => [name, unlessPadded((text) => encodeLegacy(text, label))] as const),
  ['UTF-8 in another normal form', (text) => text.normalize('NFD')],
  ['UTF-8 in another normal form', (text) => text.normalize('NFC')],
]

const ends = ['\n', '\r\n', ' ', '\0', '\r', '\t', '\n\n'] as const

const mistakes: readonly Mistake[] = [
  ...textEncodings.map(
    ([name, encode], index): Mistake => ({
      kind: 'text-encoding',
      sentence: `The text was hashed as ${name} instead of UTF-8.`,
      steps: { encode },
      reach: index < 2 || name === 'Latin-1' ? 'any' : 'key',
    }),
  ),
  ...ends.map(
    (end, index): Mistake => ({
      kind: 'whitespace',
      sentence: 'The text was hashed with a line break or space after it, as echo adds one.',
      steps: { encode: (text) => text + end },
      reach: index < 2 ? 'any' : 'key',
    }),
  ),
  ...[' ', '\n'].map(
    (start): Mistake => ({
      kind: 'whitespace',
      sentence: 'The text was hashed with a line break or space before it.',
      steps: { encode: (text) => start + text },
      reach: 'alone',
    }),
  ),
  {
    kind: 'text-case',
    sentence: 'The whole text was lower-cased before it was hashed.',
    steps: { encode: (text) => text.toLowerCase() },
    reach: 'any',
  },
  {
    kind: 'text-case',
    sentence: 'The whole text was upper-cased before it was hashed.',
    steps: { encode: (text) => text.toUpperCase() },
    reach: 'any',
  },
  ...[
    (text: string) => text.replaceAll('&times', '×').replaceAll('&curren', '¤'),
    (text: string) => text.replaceAll('&times', '×'),
    (text: string) => text.replaceAll('&curren', '¤'),
    (text: string) => text.replaceAll('&', '&amp;'),
  ].map(
    (encode): Mistake => ({
      kind: 'html-entities',
      sentence: 'The text went through HTML, which turns &timestamp into ×tamp, &currency into ¤cy, or & into &amp;.',
      steps: { encode },
    }),
  ),
  ...[...encoders, (text: string) => text.replace(/&.*/s, (tail) => `&${percentEncoded(tail.slice(1))}`)].map(
    (encode): Mistake => ({
      kind: 'value-encoded',
      sentence: 'The whole text was percent-encoded before it was hashed.',
      steps: { encode },
    }),
  ),
  ...[
    (text: string) => Buffer.from(text).toString('base64'),
    (text: string) => Buffer.from(text).toString('hex'),
    (text: string) => JSON.stringify(text),
    (text: string) => `'${text}'`,
    pythonBytes,
    // The bytes of the text, as Go and others print a list of numbers.
    (text: string) => `[${Buffer.from(text).join(' ')}]`,
    (text: string) => `[${Buffer.from(text).join(', ')}]`,
  ].map(
    (encode): Mistake => ({
      kind: 'text-wrapped',
      sentence: 'The text was put into base64, hex, quotes or a list of bytes before it was hashed.',
      steps: { encode },
    }),
  ),
  ...nothing(),
]

/** Hashed instead of the text when the variable was empty or held something else. */
function* nothing(): Generator<Mistake> {
  const sentence = 'The fields never reached the hash: an empty text, or a word such as undefined, was hashed instead.'
  for (const [index, text] of [
    '',
    'undefined',
    'null',
    'None',
    '[object Object]',
    'Array',
    'nil',
    '[object Promise]',
    '{}',
    '[]',
  ].entries()) {
    yield { kind: 'nothing-signed', sentence, steps: { join: () => text }, reach: index < 5 ? 'key' : 'alone' }
    yield { kind: 'nothing-signed', sentence, steps: { place: () => text }, reach: 'alone' }
  }
  yield { kind: 'nothing-signed', sentence, steps: { place: (_text, key) => key }, reach: 'alone' }
  const notFilledIn = 'The name of a variable was hashed instead of the fields: the template was not filled in.'
  for (const name of ['canonical', 'text', 'params', 'data', 'str', 'string', 'query', 'fields', 'signStr', 'message']) {
    for (const text of [`$${name}`, `\${${name}}`, `{${name}}`, `{{${name}}}`, name]) {
      yield { kind: 'nothing-signed', sentence: notFilledIn, steps: { join: () => text }, reach: 'alone' }
      yield { kind: 'nothing-signed', sentence: notFilledIn, steps: { place: () => text }, reach: 'alone' }
    }
  }
}

function utf32(text: string): Uint8Array {
  return Buffer.from(Uint32Array.from(text, (char) => char.codePointAt(0) ?? 0).buffer)
}
