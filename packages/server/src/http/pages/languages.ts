import type { FastifyRequest } from 'fastify'

/** Languages of the pages that players and sellers see: BCP 47, with the script where it matters. */
export type Language = 'en' | 'zh-Hans' | 'zh-Hant' | 'th' | 'vi' | 'id' | 'ko' | 'ja' | 'pt' | 'ar'

export interface ChosenLanguage {
  readonly language: Language
  /** BCP 47: the format of dates and numbers. */
  readonly locale: string
  readonly direction: 'ltr' | 'rtl'
}

/** By primary language, or that with its script. */
const languages: ReadonlyMap<string, Language> = new Map<string, Language>([
  ...(['en', 'zh-Hans', 'zh-Hant', 'th', 'vi', 'id', 'ko', 'ja', 'pt', 'ar'] as const).map((one) => [one, one] as const),
  ['yue-Hant', 'zh-Hant'],
])

/** The first available of the wanted languages, most wanted first; English when none is. */
export function chooseLanguage(...wanted: readonly (string | undefined)[]): ChosenLanguage {
  for (const asked of wanted) {
    const locale = asked === undefined ? null : parseLocale(asked)
    if (locale === null) continue
    const { language, script } = locale.maximize()
    const found = languages.get(language) ?? languages.get(`${language}-${script}`)
    if (found !== undefined) return { language: found, locale: locale.baseName, direction: found === 'ar' ? 'rtl' : 'ltr' }
  }
  return { language: 'en', locale: 'en', direction: 'ltr' }
}

/** What a visitor wants to read: what is known of them, then the URL's `language`, then the browser's. */
export function wantedLanguages(request: FastifyRequest, known?: string): (string | undefined)[] {
  const { language } = request.query as Record<string, unknown>
  const accepted = (request.headers['accept-language'] ?? '').split(',').map((part) => part.split(';', 1)[0]?.trim())
  return [known, typeof language === 'string' ? language : undefined, ...accepted.slice(0, 10)]
}

/** Null for an invalid tag. */
function parseLocale(text: string): Intl.Locale | null {
  try {
    return new Intl.Locale(text)
  } catch {
    return null
  }
}
