import { en } from './en.ts'

export type Texts = typeof en

/** All languages of the console, each in a file of its own; English comes with the page. */
export const languages = { en: 'English' } as const
export type Language = keyof typeof languages

const storedAt = 'lobbykey-language'

/** The texts of the page's language. Read them when something is shown, not before. */
export let t: Texts = en
let current: Language = 'en'

export function language(): Language {
  return current
}

/** The one that was chosen here, or the browser's. */
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
  const [first = ''] = tag.toLowerCase().split('-')
  return (Object.keys(languages) as Language[]).find((name) => name.split('-')[0] === first) ?? null
}

async function textsOf(_name: Language): Promise<Texts> {
  return en
}
