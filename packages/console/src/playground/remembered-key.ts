/** The merchant key in this browser's storage: there only while its owner asks for it. */
const storageName = 'lobbykey.merchant-key'

/** Null when none is remembered, or the browser has no storage for this page. */
export function findRememberedKey(): string | null {
  try {
    return localStorage.getItem(storageName)
  } catch {
    return null
  }
}

export function rememberKey(key: string): void {
  try {
    localStorage.setItem(storageName, key)
  } catch {
    // Without storage the key lives as long as the page, as it does for everyone else.
  }
}

export function forgetKey(): void {
  try {
    localStorage.removeItem(storageName)
  } catch {
    // Nothing was remembered either.
  }
}
