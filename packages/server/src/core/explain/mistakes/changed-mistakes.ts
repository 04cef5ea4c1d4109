import { type Attempt, asText, type Family, isEmpty, listed, type Mistake } from '../mistake.ts'
import type { Pair } from '../recipe.ts'
import { one } from './value-mistakes.ts'

const languages = [
  'en',
  'en-US',
  'en-GB',
  'zh',
  'zh-CN',
  'zh-TW',
  'zh-HK',
  'zh-Hans',
  'zh-Hant',
  'vi',
  'vi-VN',
  'th',
  'th-TH',
  'id',
  'id-ID',
  'ms',
  'ms-MY',
]
const moreLanguages = [
  'ja',
  'ja-JP',
  'ko',
  'ko-KR',
  'hi',
  'hi-IN',
  'pt',
  'pt-BR',
  'es',
  'es-ES',
  'tr',
  'tr-TR',
  'ru',
  'ru-RU',
  'km-KH',
  'my-MM',
  'fr-FR',
]
const currencies = [
  'USD',
  'VND',
  'VND2',
  'EUR',
  'CNY',
  'THB',
  'IDR',
  'IDR2',
  'MYR',
  'KRW',
  'JPY',
  'INR',
  'PHP',
  'BRL',
  'USDT',
  'HKD',
  'TWD',
  'SGD',
  'GBP',
]
/** Differing fields of which every subset is tried: 2^10 of them. */
const differingMax = 10

/** A body other than the signed one: fields of an earlier request, or the values that are usually meant. */
export const changedMistakes: Family = {
  ruledOut: 'a field changed after signing, among the usual values of platform, language, currency, status, game_code and callback',
  *mistakes(attempt) {
    yield* fromPrior(attempt)
    for (const [field, text] of attempt.pairs) {
      for (const other of otherValues(attempt, field, text)) {
        const isPublic = field === 'platform' || field === 'language' || field === 'currency'
        const sentence = isPublic
          ? `${field} was signed as “${other}”, and sent with another value.`
          : `${field} was signed with another value than the one sent.`
        yield one('value-changed', field, sentence, () => other, 'alone')
      }
    }
  },
}

/** Any of the fields that differ from the earlier request, with the values they had there. */
function* fromPrior({ prior, names, pairs }: Attempt): Generator<Mistake> {
  if (prior === null) return
  const texts = new Map(pairs)
  const before = new Map(names.filter((name) => !isEmpty(prior[name])).map((name) => [name, asText(prior[name])]))
  const differing = names.filter((name) => Object.hasOwn(prior, name) && texts.get(name) !== before.get(name)).slice(0, differingMax)
  for (let choice = 2 ** differing.length - 1; choice > 0; choice--) {
    const changed = new Set(differing.filter((_name, index) => (choice >> index) & 1))
    const signed = names.flatMap((name): Pair[] => {
      const text = (changed.has(name) ? before : texts).get(name)
      return text === undefined ? [] : [[name, text]]
    })
    yield { ...changedSince([...changed]), steps: { select: () => signed }, reach: 'alone' }
  }
}

function changedSince(changed: readonly string[]): Pick<Mistake, 'kind' | 'sentence' | 'field'> {
  const [field] = changed
  if (changed.length === 1 && field === 'timestamp') {
    return { kind: 'timestamp-read-twice', sentence: 'The signature was made with the timestamp of an earlier request.', field }
  }
  if (changed.length > 1 && changed.includes('timestamp')) {
    return { kind: 'sign-reused', sentence: 'The signature is that of an earlier request, sent again with other fields.', field: 'sign' }
  }
  return { kind: 'value-changed', sentence: `${listed(changed)} ${changed.length === 1 ? 'was' : 'were'} changed after signing.`, field }
}

function* otherValues({ call, pairs, body }: Attempt, field: string, text: string): Generator<string> {
  const allowed = (call.schema.properties[field] as { enum?: readonly unknown[] } | undefined)?.enum
  for (const value of allowed ?? []) if (typeof value === 'string') yield value
  const texts = new Map(pairs)
  const agent = texts.get('agent_id') ?? ''
  switch (field) {
    case 'platform':
      yield* ['iOS', 'IOS', 'Android', 'H5', 'Web', 'pc', 'PC', 'mobile', 'desktop', 'wap', 'html5', 'H5_mobile']
      break
    case 'language':
      yield* [text.replaceAll('-', '_'), text.split('-')[0] ?? '', text.toLowerCase().replaceAll('-', '_')]
      yield* [...languages, ...moreLanguages]
      break
    case 'currency':
      yield* [`${text}2`, text.replace(/[0-9]{1,9}$/, ''), `${text}K`, text.replace(/K$/, ''), ...currencies]
      break
    case 'game_code':
      yield* [text.replace(/^rand-/, ''), `rand-${text}`, text.split('-')[0] ?? '', text.split('-').slice(1).join('-')]
      break
    case 'callback':
      yield* otherUrls(text)
      break
    case 'user_id':
      yield* [`${agent}_${text}`, `${agent}${text}`, `${agent}-${text}`, `${agent}@${text}`, `${agent}:${text}`]
      if (text.startsWith(agent)) yield* [text.slice(agent.length), text.slice(agent.length).replace(/^[_-]/, '')]
      yield text.replace(/^0+/, '')
      break
    case 'token':
      yield* [text.replaceAll('-', ''), text.slice(0, 16), text.replace(/={1,2}$/, ''), `${text}=`, `${text}==`]
      break
  }
  // Two variables mixed up.
  for (const other of Object.values(body)) if (typeof other === 'string' && other.length <= 64) yield other
}

function otherUrls(url: string): string[] {
  const others = [
    url.replace(/\/$/, ''),
    `${url}/`,
    url.replace(/^https:/, 'http:'),
    url.replace(/^http:/, 'https:'),
    url.split(/[?#]/, 1).join(),
    url.split('#', 1).join(),
    /^https?:\/\/[^/?#]*/.exec(url)?.[0] ?? url,
    url.replace(/^https?:\/\//, ''),
  ]
  const parsed = URL.parse(url)
  return parsed === null ? others : [...others, parsed.href, parsed.origin, parsed.host]
}
