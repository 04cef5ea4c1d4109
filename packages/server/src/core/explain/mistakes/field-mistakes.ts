import { type Attempt, asText, type Family, isEmpty, listed, type Mistake } from '../mistake.ts'
import { type Pair, query, type Recipe } from '../recipe.ts'
import { printedLimits } from './printed-limits.ts'

/** The contract has three; a body may hold any number of others. */
const unsignedMax = 4

/** Fields signed that should not be, and fields not signed that should. */
export const fieldMistakes: Family = {
  ruledOut:
    'unsigned fields signed (limits, callback, custom_language, sign) as they are usually printed, signed fields left out, empty fields kept or printed as null',
  *mistakes(attempt) {
    yield* oneLeftOut(attempt)
    yield* leftIn(attempt)
    yield* emptyKept(attempt)
    yield* someLeftOut(attempt)
    yield* fieldTwice(attempt)
    yield* constants(attempt)
  },
}

function selecting(select: Recipe['select']): Pick<Mistake, 'steps'> {
  return { steps: { select } }
}

const without = (left: ReadonlySet<string>) => selecting((pairs) => pairs.filter(([name]) => !left.has(name)))

function leftOut(attempt: Attempt, names: readonly string[], reach: Mistake['reach']): Mistake {
  const [first = ''] = names
  const isCallback = names.length === 1 && attempt.call.byProfile.includes(first)
  return {
    kind: isCallback ? 'callback-left-out' : 'signed-field-left-out',
    sentence: `${listed(names)} ${names.length === 1 ? 'is' : 'are'} in the body but not in the signed text.`,
    field: first,
    ...without(new Set(names)),
    reach,
  }
}

function* oneLeftOut(attempt: Attempt): Generator<Mistake> {
  const required = new Set(attempt.call.schema.required)
  const names = attempt.pairs.map(([name]) => name)
  const optional = names.filter((name) => !required.has(name))
  for (const name of optional) yield leftOut(attempt, [name], 'any')
  for (const name of names)
    if (required.has(name)) yield leftOut(attempt, [name], name === 'timestamp' || name === 'agent_id' ? 'any' : 'key')
  if (optional.length > 1) yield leftOut(attempt, optional, 'any')
}

/** Any other subsets, the smallest first: there are at most 2^10. */
function* someLeftOut(attempt: Attempt): Generator<Mistake> {
  const names = attempt.pairs.map(([name]) => name)
  const sets = subsets(names).filter((set) => set.length > 1)
  for (const set of sets.sort((a, b) => a.length - b.length)) {
    if (set.length < names.length) yield leftOut(attempt, set, set.length === 2 ? 'key' : 'alone')
  }
}

function* leftIn(attempt: Attempt): Generator<Mistake> {
  const { body, names, call } = attempt
  const there = Object.keys(body)
    .filter((name) => name !== 'sign' && !names.includes(name) && !isEmpty(body[name]))
    .slice(0, unsignedMax)
  const forms = new Map(there.map((name) => [name, formsOf(name, body[name])]))
  const sets = subsets(there).sort((a, b) => a.length - b.length)
  for (const set of sets) {
    for (const [index, added] of combinations(set.map((name) => forms.get(name) ?? [])).entries()) {
      const isCallback = set.length === 1 && call.byProfile.includes(set[0] ?? '')
      yield {
        kind: isCallback ? 'callback-signed' : 'unsigned-field-signed',
        sentence: isCallback
          ? "callback is in the signed text, but under this merchant's profile it is not signed."
          : `${listed(set)} ${set.length === 1 ? 'is' : 'are'} in the signed text, where ${set.length === 1 ? 'it does' : 'they do'} not belong.`,
        field: set.includes('limits') ? 'limits' : (set[0] ?? ''),
        ...selecting((pairs) => [...pairs, ...added]),
        reach: index < 5 && (set.length === 1 || set.length === there.length) ? 'any' : index < 24 ? 'key' : 'alone',
      }
    }
  }
  const first = there.flatMap((name) => forms.get(name)?.[0] ?? [])
  for (const text of ['', 'null', 'None', 'undefined', 'nil', '<nil>', 'false', '0', 'sign', 'SIGN', 'string']) {
    const sign: Pair = ['sign', text]
    const common = {
      kind: 'unsigned-field-signed',
      sentence: 'sign itself is in the signed text, empty or as a placeholder.',
      field: 'sign',
    } as const
    yield { ...common, ...selecting((pairs) => [...pairs, sign]), reach: text === '' ? 'any' : 'key' }
    if (first.length > 0) yield { ...common, ...selecting((pairs) => [...pairs, ...first, sign]), reach: 'alone' }
  }
}

function formsOf(name: string, value: unknown): readonly (readonly Pair[])[] {
  if (name === 'limits' && typeof value === 'object' && value !== null) return printedLimits(name, value)
  return [[[name, asText(value)]]]
}

const nullWords = ['null', 'None', 'nil', 'NULL', 'undefined', '<nil>', 'Null', '(null)', 'false', 'NaN', '""', '{}', '[]'] as const

/** Fields that are empty in the body, or optional and absent, and yet are in the text. */
function* emptyKept({ call, body, names }: Attempt): Generator<Mistake> {
  const known = Object.keys(call.schema.properties).filter((name) => name !== 'sign')
  const empty = known.filter((name) => Object.hasOwn(body, name) && isEmpty(body[name]))
  const absent = known.filter((name) => !Object.hasOwn(body, name))
  const signed = (list: readonly string[]) => list.filter((name) => names.includes(name))
  const sets = [
    ...signed(empty).map((name) => [name]),
    signed(empty),
    empty,
    ...signed(absent).map((name) => [name]),
    signed(absent),
    [...signed(empty), ...signed(absent)],
    absent,
    [...empty, ...absent],
  ].filter((set) => set.length > 0)
  for (const [index, set] of sets.entries()) {
    for (const [rank, word] of ['', ...nullWords].entries()) {
      // An empty string prints as nothing in every language; only null and what is absent print as a word.
      const added = set.map((name): Pair => [name, body[name] === '' ? '' : word])
      if (word !== '' && added.every(([, text]) => text === '')) continue
      yield {
        kind: word === '' ? 'empty-kept' : 'null-printed',
        sentence: `${listed(set)} ${set.length === 1 ? 'is' : 'are'} empty or not sent, yet stand${set.length === 1 ? 's' : ''} in the signed text${word === '' ? '' : ', printed as a word such as null'}.`,
        field: set[0],
        ...selecting((pairs) => [...pairs, ...added]),
        reach: rank < 3 && index < 4 ? 'any' : rank < 7 ? 'key' : 'alone',
      }
    }
  }
}

function* fieldTwice({ pairs }: Attempt): Generator<Mistake> {
  for (const pair of pairs) {
    const [name] = pair
    yield {
      kind: 'field-twice',
      sentence: `${name} stands in the signed text twice.`,
      field: name,
      ...selecting((all) => [...all, pair]),
      reach: 'alone',
    }
    yield {
      kind: 'field-twice',
      sentence: `${name} stands in the signed text twice, once at the end.`,
      field: name,
      steps: { join: (fields) => query([...fields, pair]) },
      reach: 'alone',
    }
  }
}

/** Every non-empty subset. */
function subsets(items: readonly string[]): string[][] {
  return Array.from({ length: 2 ** items.length - 1 }, (_, choice) => items.filter((_item, index) => ((choice + 1) >> index) & 1))
}

/** Every combination of one form of each, joined. */
function combinations(choices: readonly (readonly (readonly Pair[])[])[]): Pair[][] {
  return choices.reduce<Pair[][]>((made, forms) => forms.flatMap((form) => made.map((pairs) => [...pairs, ...form])), [[]])
}

/** Fields that other gateways sign and this one does not have. */
const foreignFields = [
  ['sign_type', ['MD5', 'md5', 'HMAC-SHA256', 'RSA']],
  ['signType', ['MD5', 'md5', 'HMAC-SHA256']],
  ['sign_method', ['md5', 'MD5', 'hmac']],
  ['charset', ['utf-8', 'UTF-8']],
  ['_input_charset', ['utf-8', 'UTF-8']],
  ['format', ['json', 'JSON']],
  ['version', ['1.0', '1', 'v1', '1.0.0', '2.0']],
  ['v', ['1.0', '1', '2.0']],
  ['encoding', ['UTF-8', 'utf-8']],
] as const

function* constants({ call }: Attempt): Generator<Mistake> {
  const added: Pair[] = foreignFields.flatMap(([name, values]) => values.map((value): Pair => [name, value]))
  const own: Pair[] = ['method', 'action', 'service', 'api', 'path', 'uri', 'url'].flatMap((name) =>
    [call.path, call.name, call.method, `member.${call.name}`].map((value): Pair => [name, value]),
  )
  for (const pair of [...added, ...own]) {
    const sentence = `${pair[0]} is in the signed text, as other gateways have it; here there is no such field.`
    yield { kind: 'unsigned-field-signed', sentence, field: pair[0], ...selecting((pairs) => [...pairs, pair]), reach: 'alone' }
  }
}
