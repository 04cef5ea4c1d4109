import { type KeyUse, signingAlgorithms } from '@lobbykey/contract'
import type { Family, Mistake } from '../mistake.ts'
import { keyAndText, type Recipe, textOnly } from '../recipe.ts'

/** Names under which the key is signed like a field. */
const keyNames = [
  'key',
  'secret',
  'Key',
  'KEY',
  'secret_key',
  'secretKey',
  'sign_key',
  'signKey',
  'app_key',
  'appKey',
  'app_secret',
  'appSecret',
  'api_key',
  'apiKey',
  'apikey',
  'md5_key',
  'md5key',
  'md5Key',
  'agent_key',
  'agentKey',
  'merchant_key',
  'merchantKey',
  'access_key',
  'private_key',
  'salt',
  'token',
] as const

const wrongSeparators: readonly (readonly [text: string, name: string])[] = [
  ['', 'nothing'],
  ['?', '?'],
  [' ', 'a space'],
  ['\n', 'a line break'],
  ['\r\n', 'a line break'],
  [',', 'a comma'],
  ['|', '|'],
  [':', ':'],
  [';', ';'],
  ['=', '='],
  ['+', '+'],
  ['-', '-'],
  ['_', '_'],
  ['.', '.'],
  ['#', '#'],
  ['/', '/'],
  ['\t', 'a tab'],
  ['&amp;', '&amp;'],
]

/** The key elsewhere in the text, or with another separator. */
export const placeMistakes: Family = {
  ruledOut:
    'the key left out, at the end, on both sides, as a field of a usual name such as key=, or followed by nothing or another usual separator instead of &',
  mistakes: ({ profile }) => placesByKeyUse[signingAlgorithms[profile.algorithm].keyUse],
}

type Place = Pick<Mistake, 'kind' | 'sentence' | 'reach'> & { readonly place: Recipe['place'] }

const places: readonly Place[] = [
  { kind: 'key-missing', sentence: 'The signature was made without the key.', place: textOnly, reach: 'any' },
  {
    kind: 'key-at-end',
    sentence: 'The key stands after the fields instead of before them.',
    place: (text, key) => `${text}&${key}`,
    reach: 'any',
  },
  {
    kind: 'key-at-end',
    sentence: 'The key stands after the fields, without &, instead of before them.',
    place: (text, key) => text + key,
    reach: 'any',
  },
  ...keyNames.flatMap((name, index): Place[] => {
    const common = { kind: 'key-as-field', sentence: `The key was signed as a field, ${name}=KEY, instead of bare and first.` } as const
    const reach = index === 0 ? 'any' : 'key'
    return [
      { ...common, place: (text, key) => `${text}&${name}=${key}`, reach },
      { ...common, place: (text, key) => `${name}=${key}&${text}`, reach },
      { ...common, place: (text, key) => `${text}${name}=${key}`, reach: 'alone' },
      { ...common, place: (text, key) => sortedIn(text, `${name}=${key}`), reach: 'alone' },
    ]
  }),
  ...wrongSeparators.map(
    ([separator, name], index): Place => ({
      kind: 'key-separator',
      sentence: `The key and the fields are joined with ${name} where one & belongs.`,
      place: (text, key) => `${key}${separator}${text}`,
      reach: index === 0 ? 'any' : 'key',
    }),
  ),
  ...['&', '', ':', '|', ',', '_', '-', '\n'].flatMap((separator): Place[] => [
    twice((text, key) => `${key}${separator}${text}${separator}${key}`),
    twice((text, key) => `${key}&${text}${separator}${key}`),
    twice((text, key) => `${key}${separator}${key}&${text}`),
  ]),
  ...Array.from(
    { length: 9 },
    (_, before): Place => ({
      kind: 'key-at-end',
      sentence: 'The key stands among the fields instead of before them.',
      place: (text, key) =>
        text
          .split('&')
          .toSpliced(before + 1, 0, key)
          .join('&'),
      reach: 'alone',
    }),
  ),
  ...[' ', ':', '|', ',', '#', '_', '-', '\n', ';', '+', '?', '='].map(
    (separator): Place => ({
      kind: 'key-at-end',
      sentence: 'The key stands after the fields, joined with something other than &.',
      place: (text, key) => `${text}${separator}${key}`,
      reach: 'alone',
    }),
  ),
]

const hashPlaces: readonly Mistake[] = places.map(({ place, ...mistake }) => ({ ...mistake, steps: { place } }))

/** HMAC takes the key beside the text; it does not belong in the text at all. */
const hmacPlaces: readonly Mistake[] = [
  { kind: 'key-in-text', sentence: '', place: keyAndText, reach: 'any' } as Place,
  ...places.filter(({ kind }) => kind !== 'key-missing'),
].map(({ place, reach }) => ({
  kind: 'key-in-text',
  sentence: 'The key is also in the text that the HMAC is computed over.',
  steps: { place },
  ...(reach === undefined ? {} : { reach }),
}))

const placesByKeyUse: Readonly<Record<KeyUse, readonly Mistake[]>> = { 'key-in-text': hashPlaces, hmac: hmacPlaces }

function twice(place: Recipe['place']): Place {
  return { kind: 'key-twice', sentence: 'The key is in the text twice.', place, reach: 'alone' }
}

/** As a field among the others, sorted by name. */
function sortedIn(text: string, piece: string): string {
  return [...text.split('&'), piece].sort().join('&')
}
