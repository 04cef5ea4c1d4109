import { requestFile } from './requests.ts'
import { seller, sellerEmails } from './stores.ts'

const basePath = '/merchant-api/seller/auth'

export const sellerPaths = { login: `${basePath}/login`, refresh: `${basePath}/refresh`, me: `${basePath}/me`, verify: '/verify' } as const

/** Logins of all sellers in turn, over and over: checking a password twice is not cheaper. */
export function sellerLoginRequests() {
  return requestFile(
    sellerEmails.map((email) => ({
      method: 'POST' as const,
      path: sellerPaths.login,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, password: seller.password }),
    })),
  )
}

export interface TokenPair {
  readonly accessToken: string
  readonly refreshToken: string
}

/** Logs the seller in at least this many times, a few at once. */
export async function logSellersIn(port: number, count: number): Promise<TokenPair[]> {
  const pairs: TokenPair[] = []
  const one = async () => {
    while (pairs.length < count) {
      const answer = await fetch(`http://127.0.0.1:${port}${sellerPaths.login}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(seller),
      })
      const { data, code } = (await answer.json()) as { data: TokenPair | null; code: string }
      // The lane refuses logins that would wait long; on a busy machine, retry.
      if (code === '10012') continue
      if (data === null) throw new Error(`the seller's login was answered ${answer.status} ${code}`)
      pairs.push(data)
    }
  }
  await Promise.all(Array.from({ length: 4 }, one))
  return pairs
}

/** A call with each of these tokens in turn. */
export function bearerRequests(path: string, accessTokens: readonly string[]) {
  return requestFile(accessTokens.map((token) => ({ method: 'GET', path, headers: { Authorization: `Bearer ${token}` } }) as const))
}
