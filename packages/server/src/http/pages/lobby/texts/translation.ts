import { ar } from './ar.ts'
import { en } from './en.ts'
import { id } from './id.ts'
import { ja } from './ja.ts'
import { ko } from './ko.ts'
import type { LobbyTexts } from './lobby-texts.ts'
import { ptBr } from './pt-br.ts'
import { th } from './th.ts'
import { vi } from './vi.ts'
import { zhHans } from './zh-hans.ts'
import { zhHant } from './zh-hant.ts'

export interface Translation {
  readonly texts: LobbyTexts
  /** BCP 47: the language of the texts, and the format of dates and numbers. */
  readonly locale: string
  readonly direction: 'ltr' | 'rtl'
}

/** By primary language, with the script where it matters. */
export const translations: Readonly<Record<string, LobbyTexts>> = {
  en,
  'zh-Hans': zhHans,
  'zh-Hant': zhHant,
  'yue-Hant': zhHant,
  th,
  vi,
  id,
  ko,
  ja,
  pt: ptBr,
  ar,
}

/** The first available of the wanted languages, most wanted first; English when none is. */
export function translationFor(...languages: readonly (string | undefined)[]): Translation {
  for (const asked of languages) {
    const locale = asked === undefined ? null : parseLocale(asked)
    if (locale === null) continue
    const { language, script } = locale.maximize()
    const texts = textsOf(language) ?? textsOf(`${language}-${script}`)
    if (texts !== null) return { texts, locale: locale.baseName, direction: texts === ar ? 'rtl' : 'ltr' }
  }
  return { texts: en, locale: 'en', direction: 'ltr' }
}

function textsOf(name: string): LobbyTexts | null {
  return Object.hasOwn(translations, name) ? (translations[name] ?? null) : null
}

/** Null for an invalid tag. */
function parseLocale(text: string): Intl.Locale | null {
  try {
    return new Intl.Locale(text)
  } catch {
    return null
  }
}
