import { wordOf } from './words.ts'

const platforms: Readonly<Record<string, string>> = { ios: 'iOS', android: 'Android', h5: 'H5', web: 'Web' }
const stores: Readonly<Record<string, string>> = { sqlite: 'SQLite', postgres: 'PostgreSQL' }

/** As people write it, in every language; a later release may have more. */
export function platformName(platform: string): string {
  return wordOf(platforms, platform)
}

export function storeName(kind: string): string {
  return wordOf(stores, kind)
}
