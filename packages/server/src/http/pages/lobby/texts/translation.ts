import { type ChosenLanguage, chooseLanguage, type Language } from '../../languages.ts'
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

export interface Translation extends Omit<ChosenLanguage, 'language'> {
  readonly texts: LobbyTexts
}

export const translations: Readonly<Record<Language, LobbyTexts>> = {
  en,
  'zh-Hans': zhHans,
  'zh-Hant': zhHant,
  th,
  vi,
  id,
  ko,
  ja,
  pt: ptBr,
  ar,
}

/** The first available of the wanted languages, most wanted first; English when none is. */
export function translationFor(...wanted: readonly (string | undefined)[]): Translation {
  const { language, ...format } = chooseLanguage(...wanted)
  return { texts: translations[language], ...format }
}
