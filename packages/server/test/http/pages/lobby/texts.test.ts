import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LobbyTexts } from '../../../../src/http/pages/lobby/texts/lobby-texts.ts'
import { translationFor, translations } from '../../../../src/http/pages/lobby/texts/translation.ts'

/** Every text by its name; functions as what they make. */
function flat(texts: object, prefix = ''): [string, string][] {
  return Object.entries(texts).flatMap(([name, value]): [string, string][] => {
    if (typeof value === 'function') return [[prefix + name, value('X')]]
    return typeof value === 'string' ? [[prefix + name, value]] : flat(value, `${prefix}${name}.`)
  })
}

const en = new Map(flat(translations.en as LobbyTexts))
/** Words that the language has from English, or shares with it. */
const shared: Readonly<Record<string, readonly string[]>> = { pt: ['lobby'] }
/** What a language is written in, apart from names, digits and punctuation. */
const scripts: Readonly<Record<string, RegExp>> = {
  'zh-Hans': /\p{Script=Han}/u,
  'zh-Hant': /\p{Script=Han}/u,
  'yue-Hant': /\p{Script=Han}/u,
  th: /\p{Script=Thai}/u,
  ko: /\p{Script=Hangul}/u,
  ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u,
  ar: /\p{Script=Arabic}/u,
}

test('ten languages say everything, and nothing in English by accident', () => {
  const languages = new Set(Object.values(translations))
  assert.equal(languages.size, 10)
  for (const [language, texts] of Object.entries(translations)) {
    const said = flat(texts)
    assert.deepEqual(said.map(([name]) => name).toSorted(), [...en.keys()].toSorted(), language)
    const script = scripts[language] ?? /\p{Script=Latin}/u
    for (const [name, text] of said) {
      assert.match(text, script, `${language} ${name}`)
      assert.equal(text.trim(), text, `${language} ${name}`)
      if (name === 'welcome' || name === 'table') assert.ok(text.includes('X'), `${language} ${name}`)
      const isEnglish = language === 'en' || shared[language]?.includes(name)
      assert.ok(isEnglish || text !== en.get(name), `${language} ${name} is English`)
    }
    // Two texts that are one in a language were mixed up, unless they are one in English too.
    const doubles = Map.groupBy(said, ([, text]) => text)
    for (const [text, names] of doubles) {
      assert.equal(new Set(names.map(([name]) => en.get(name))).size, 1, `${language}: ${text}`)
    }
  }
})

test('simplified and traditional Chinese are told apart by script and place', () => {
  const { texts: simplified } = translationFor('zh')
  const { texts: traditional } = translationFor('zh-Hant')
  assert.notEqual(simplified, traditional)
  for (const tag of ['zh-CN', 'zh-SG', 'zh-Hans-HK', 'cmn']) assert.equal(translationFor(tag).texts, simplified, tag)
  for (const tag of ['zh-TW', 'zh-HK', 'zh-MO', 'zh-Hant-CN', 'yue']) assert.equal(translationFor(tag).texts, traditional, tag)
})

test('the first language that is spoken here is spoken, by its own formats; English where none is', () => {
  assert.deepEqual(pick(translationFor(undefined, 'xx', 'de-AT', 'pt-PT', 'th')), ['pt-PT', 'ltr'])
  assert.deepEqual(pick(translationFor('ar-EG-u-nu-latn')), ['ar-EG', 'rtl'])
  assert.deepEqual(pick(translationFor('in-ID')), ['id-ID', 'ltr'])
  for (const bad of ['', '*', '"><script>', 'constructor', '__proto__', 'x'.repeat(5_000), 'en_US']) {
    assert.deepEqual(pick(translationFor(bad)), ['en', 'ltr'], bad)
  }
})

function pick({ locale, direction }: ReturnType<typeof translationFor>): [string, string] {
  return [locale, direction]
}
