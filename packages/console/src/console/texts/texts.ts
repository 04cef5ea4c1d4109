import { en, type Texts } from './en.ts'

/** The console's languages, one file each; English is part of the page. */
export const languages = { en: 'English', de: 'Deutsch', 'zh-Hans': '简体中文' } as const
export type Language = keyof typeof languages

const storedAt = 'lobbykey-language'

/** The texts in the page's language. Read them while rendering, not at import time. */
export let t: Texts = en
let current: Language = 'en'

export function language(): Language {
  return current
}

/** The chosen language, else the browser's. */
export async function loadTexts(): Promise<void> {
  const stored = localStorage.getItem(storedAt)
  const wanted = [stored, ...navigator.languages].map((tag) => matching(tag ?? '')).find((found) => found !== null) ?? 'en'
  t = await textsOf(wanted)
  current = wanted
  document.documentElement.lang = wanted
}

export function chooseLanguage(chosen: string): void {
  localStorage.setItem(storedAt, chosen)
  location.reload()
}

function matching(tag: string): Language | null {
  // Readers of Traditional Chinese get their next language.
  if (/^zh-(?:hant|tw|hk|mo)\b/i.test(tag)) return null
  const [first = ''] = tag.toLowerCase().split('-')
  return (Object.keys(languages) as Language[]).find((name) => name.split('-')[0] === first) ?? null
}

async function textsOf(name: Language): Promise<Texts> {
  if (name === 'de') return (await import('./de.ts')).de
  if (name === 'zh-Hans') return (await import('./zh-hans.ts')).zhHans
  return en
}
