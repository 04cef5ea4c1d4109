/** The merchant key in this browser's storage, only while its owner asks for it. */
const storageName = 'lobbykey.merchant-key'

/** Null when none is stored, or the browser has no storage for this page. */
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
    // Without storage the key lasts as long as the page.
  }
}

export function forgetKey(): void {
  try {
    localStorage.removeItem(storageName)
  } catch {
    // Nothing was stored either.
  }
}
