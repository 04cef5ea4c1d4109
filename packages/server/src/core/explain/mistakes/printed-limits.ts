import { asText } from '../mistake.ts'
import type { Pair } from '../recipe.ts'
import { percentEncoded } from './percent-encoding.ts'

/** How languages print a map of strings when it is joined into a text, commonest first. Each form is one field, or one an entry. */
export function printedLimits(name: string, value: object): readonly (readonly Pair[])[] {
  const entries = Object.entries(value).map(([key, item]) => [key, asText(item)] as const)
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
  const json = JSON.stringify(value)
  const wholes = [
    json,
    '[object Object]',
    'Array',
    python(entries),
    spaced(entries),
    listing(entries, '{', '}', '=', ', '),
    listing(sorted, 'map[', ']', ':', ' '),
    JSON.stringify(Object.fromEntries(sorted)),
    spaced(sorted),
    python(sorted),
    listing(sorted, '{', '}', '=', ', '),
    `{${entries.map(([key, item]) => `"${key}"=>"${item}"`).join(', ')}}`,
    `{${entries.map(([key, item]) => `"${key}" => "${item}"`).join(', ')}}`,
    'System.Collections.Generic.Dictionary`2[System.String,System.String]',
    'System.Collections.Generic.Dictionary`2[System.String,System.Object]',
    'System.Object',
    JSON.stringify(value, null, 2),
    JSON.stringify(value, null, 4),
    JSON.stringify(value, null, 2).replaceAll('\n', '\r\n'),
    percentEncoded(json),
    JSON.stringify(json),
    listing(entries, '', '', '=', '&'),
    listing(entries, '', '', ':', ','),
    entries.map(([, item]) => item).join(','),
    entries.map(([key]) => key).join(','),
    entries.map(([, item]) => item).join(''),
    entries.flat().join(','),
    'Object',
    '{}',
    '',
    'null',
    '1',
  ]
  const [first = [], ...others] = wholes.map((text): Pair[] => [[name, text]])
  return [
    first,
    // PHP's http_build_query, where values are encoded or decoded as a whole.
    entries.map(([key, item]): Pair => [`${name}[${key}]`, item]),
    ...others,
    entries.map(([key, item]): Pair => [percentEncoded(`${name}[${key}]`), percentEncoded(item)]),
    entries.map(([key, item]): Pair => [`${name}.${key}`, item]),
    entries.map(([key, item]): Pair => [`${name}_${key}`, item]),
    entries.map(([key, item]): Pair => [key, item]),
  ]
}

type Entries = readonly (readonly [string, string])[]

function listing(entries: Entries, open: string, close: string, assign: string, separator: string): string {
  return `${open}${entries.map(([key, item]) => `${key}${assign}${item}`).join(separator)}${close}`
}

function python(entries: Entries): string {
  return `{${entries.map(([key, item]) => `'${key}': '${item}'`).join(', ')}}`
}

function spaced(entries: Entries): string {
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${JSON.stringify(item)}`).join(', ')}}`
}
