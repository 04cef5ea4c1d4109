import {
  adminBasePath,
  consoleHeader,
  encodePurpose,
  purposeHeader,
  type SignInCall,
  type SignInInput,
  signInCalls,
} from '@lobbykey/contract/admin'
import { AdminClient, AdminError, type Problem } from 'lobbykey-client/admin'
import { setConnection } from './connection.ts'
import { currentPurpose } from './purpose.ts'

/** Sends every request of the page, and tells the shell whether the server is reachable and the session open. */
const send: typeof fetch = async (...request) => {
  let response: Response
  try {
    const [url, init] = request
    response = await fetch(url, withPurpose(init))
  } catch (error) {
    if ((error as Error).name !== 'AbortError') setConnection('lost')
    throw error
  }
  setConnection(response.status === 401 && (await isSignedOut(response)) ? 'ended' : 'open')
  return response
}

/** Whether the sign-in page is needed to continue: to sign in, or for the single sign-on provider to confirm the account. */
export function isSignedOutKey(key: string | undefined): boolean {
  return key === 'not_signed_in' || key === 'sso_check_due'
}

/** Where the session has said why it reads members' data, every request carries it. */
function withPurpose(init: RequestInit | undefined): RequestInit {
  const purpose = currentPurpose()
  return purpose === null
    ? { ...init }
    : { ...init, headers: { ...(init?.headers as Record<string, string>), [purposeHeader]: encodePurpose(purpose) } }
}

async function isSignedOut(response: Response): Promise<boolean> {
  const problem = (await response
    .clone()
    .json()
    .catch(() => null)) as Partial<Problem> | null
  return isSignedOutKey(problem?.key)
}

/** The admin API with the session of this browser. */
export const admin = new AdminClient({ baseUrl: location.origin, headers: { [consoleHeader]: '1' }, fetch: send })

/** One of the calls for signing in and confirming. @throws AdminError */
export async function signInCall<Call extends SignInCall, Answer>(call: Call, input: SignInInput<Call>): Promise<Answer> {
  const response = await send(adminBasePath + signInCalls[call].path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [consoleHeader]: '1' },
    body: JSON.stringify(input),
  }).catch((error: unknown) => {
    throw AdminError.notReached(error)
  })
  const body = (await response.json().catch(() => null)) as unknown
  if (!response.ok) throw AdminError.of(response, body as Partial<Problem> | null)
  return body as Answer
}
