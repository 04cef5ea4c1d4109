import { type KeyUse, signingAlgorithms } from '@lobbykey/contract'
import type { Attempt, Mistake } from '../mistake.ts'
import { byName, joinWith, type Recipe, textOnly } from '../recipe.ts'

type Named<T> = readonly [words: string, value: T]

/** How one field is written. */
const contents: readonly Named<(separator: string) => Recipe['join']>[] = [
  ['name=value', (separator) => joinWith('=', separator)],
  ['the values alone', (separator) => (pairs) => pairs.map(([, text]) => text).join(separator)],
  ['name and value run together', (separator) => joinWith('', separator)],
  ['name:value', (separator) => joinWith(':', separator)],
  ['name and value joined as the fields are', (separator) => (pairs) => pairs.flat().join(separator)],
]

const separators = ['', '|', ',', ';', '#', ':', '\n', ' ', '-', '_', '+', '/', '.', '||', '&&', '~', '^', '$', '*', '%', '&'] as const

const keyPlaces: readonly Named<(separator: string) => Recipe['place']>[] = [
  ['the key first', (separator) => (text, key) => key + separator + text],
  ['the key last', (separator) => (text, key) => text + separator + key],
  ['the key first and last', (separator) => (text, key) => key + separator + text + separator + key],
  ['key=KEY last', (separator) => (text, key) => `${text}${separator}key=${key}`],
  ['key=KEY first', (separator) => (text, key) => `key=${key}${separator}${text}`],
  ['KEY and & first', () => (text, key) => `${key}&${text}`],
  ['& and KEY last', () => (text, key) => `${text}&${key}`],
  ['the key first and last, with nothing between', () => (text, key) => key + text + key],
]

const placesByKeyUse: Readonly<Record<KeyUse, typeof keyPlaces>> = {
  'key-in-text': keyPlaces,
  hmac: [['the key not in it', () => textOnly]],
}

/** Forms of other gateways: a way to write fields, one separator, a place for the key, an order; every combination, those first whose parts are the likelier. */
export function* gatewayForms({ body, call, profile }: Attempt): Generator<Mistake> {
  const orders: readonly Named<Recipe['order']>[] = [
    ['sorted', byName],
    ['in the order of the body', inOrderOf(Object.keys(body))],
    ["in the documentation's order", inOrderOf(Object.keys(call.schema.properties))],
  ]
  const choices = placesByKeyUse[signingAlgorithms[profile.algorithm].keyUse].flatMap((place, a) =>
    contents.flatMap((content, b) =>
      separators.flatMap((separator, c) =>
        orders.map((order, d) => ({ place, content, separator, order, cost: (a + 1) * (b + 1) * (c + 1) * (d + 1) })),
      ),
    ),
  )
  for (const { place, content, separator, order } of choices.sort((one, other) => one.cost - other.cost)) {
    // This gateway's form except for the key's place and the order, which are mistakes of their own.
    if (content[0] === 'name=value' && separator === '&') continue
    const between = separator === '' ? 'nothing' : JSON.stringify(separator)
    const sentence = `The text is of another gateway's form: ${content[0]}, ${order[0]}, with ${between} between, ${place[0]}.`
    const steps = { join: content[1](separator), place: place[1](separator), order: order[1] }
    yield { kind: 'another-form', sentence, steps }
  }
}

function inOrderOf(names: readonly string[]): Recipe['order'] {
  return (pairs) => [...pairs].sort(([a], [b]) => names.indexOf(a) - names.indexOf(b))
}
