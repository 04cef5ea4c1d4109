import type { Server } from './child.ts'
import { requestFile } from './requests.ts'
import { startPeer } from './servers.ts'
import { createDatabase, seller } from './stores.ts'

export interface BetterAuth {
  readonly server: Server
  readonly signIn: ReturnType<typeof requestFile>
  readonly getSession: ReturnType<typeof requestFile>
}

/** better-auth on its own database, with one user signed up and signed in. */
export async function startBetterAuth(): Promise<BetterAuth> {
  const server = await startPeer('better-auth', 'better-auth', { DATABASE_URL: await createDatabase() })
  // Headers of a browser behind a proxy: its limiter needs the address, its CSRF check the origin.
  const client = { 'X-Forwarded-For': '192.0.2.1', Origin: `http://127.0.0.1:${server.port}` }
  const post = (path: string, body: object) =>
    fetch(`http://127.0.0.1:${server.port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...client },
      body: JSON.stringify(body),
    })
  await post('/api/auth/sign-up/email', { ...seller, name: 'Bench' })
  const signedIn = await post('/api/auth/sign-in/email', seller)
  const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';', 1)[0])
  if (signedIn.status !== 200 || cookie.length === 0) throw new Error(`better-auth's sign-in was answered ${signedIn.status}`)
  const json = { 'Content-Type': 'application/json', ...client }
  return {
    server,
    signIn: requestFile([{ method: 'POST', path: '/api/auth/sign-in/email', headers: json, body: JSON.stringify(seller) }]),
    getSession: requestFile([{ method: 'GET', path: '/api/auth/get-session', headers: { Cookie: cookie.join('; '), ...client } }]),
  }
}
