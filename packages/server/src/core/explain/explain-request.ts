import { parameterError, type SignedCall, signedCalls } from '@lobbykey/contract'
import type { Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import type { Sealer } from '../base/sealer.ts'
import type { ExplainInput, Explanation } from './explain-signature.ts'
import { loadKnownKeys } from './load-known-keys.ts'
import { readRequest } from './read-request.ts'

export interface ExplainSources {
  readonly store: Pick<Store, 'merchants' | 'memberSessions'>
  readonly sealer: Sealer
  readonly clock: Clock
  /** Keys from documentation, which people sign with by mistake. */
  readonly publishedKeys: readonly string[]
  readonly explain: (input: ExplainInput, agentId: string) => Promise<Explanation>
  /** The merchants that the asker may see; no other merchant's key is tried. Null: all. */
  readonly knownTo: readonly string[] | null
  /** As in ExplainInput; used when the question does not name one. */
  readonly origin: string | null
}

/** A refused request. `now` as in ExplainInput. */
export interface ExplainQuestion {
  readonly call: SignedCall
  readonly body: string
  readonly now: number | null
  /** As in ExplainInput. */
  readonly origin?: string | null
  readonly text?: string | null
  readonly printLine?: string | null
}

/** Explains a request from what the store knows about its merchant; null when it names no existing merchant. For operators only. */
export async function explainRequest(
  { store, sealer, clock, publishedKeys, explain, knownTo, origin }: ExplainSources,
  question: ExplainQuestion,
): Promise<Explanation | null> {
  const agentId = findText(question.body, 'agent_id')
  const known = agentId === null ? null : await loadKnownKeys(store.merchants, sealer, { agentId, knownTo })
  if (agentId === null || known === null) return null
  const { algorithm, callback } = known.merchant.settings
  const prior = await findPrior(store, agentId, question.body, clock.now())
  const keys = { ...known.keys, published: publishedKeys }
  return explain({ ...question, keys, profile: { algorithm, callback }, prior, origin: question.origin ?? origin }, agentId)
}

/**
 * Turns a pasted request into a question.
 * @param name the call's name, if known
 * @throws GatewayError invalid_parameter
 */
export function toQuestion(text: string, name: SignedCall['name'] | null, now: number | null): ExplainQuestion {
  const request = readRequest(text)
  const call = name === null ? request.call : (signedCalls.find((known) => known.name === name) ?? null)
  if (request.body === '')
    throw parameterError('the request', 'is empty: give its JSON body, its URL with the query, or the curl command that sent it')
  if (call === null) {
    const forms = 'a JSON body, a URL with its query, or the curl command that sent it'
    throw parameterError('the request', `is none of these: ${forms}; if it was sent as it stands, say which call it is (call, --call)`)
  }
  return { call, body: request.body, now, origin: request.origin }
}

/** A field of a JSON body if it is a string, else null. */
export function findText(body: string, name: string): string | null {
  try {
    const value = (JSON.parse(body) as Record<string, unknown> | null)?.[name]
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}

/** The fields of the member's last login, which show what was changed after signing. */
export async function findPrior(
  store: Pick<Store, 'memberSessions'>,
  agentId: string,
  body: string,
  now: number,
): Promise<Record<string, unknown> | null> {
  const userId = findText(body, 'user_id')
  const [session] = userId === null ? [] : await store.memberSessions.listLive(agentId, userId, now)
  if (session === undefined) return null
  const { platform, language, currency, gameCode, opaque } = session
  return { platform, language, currency, game_code: gameCode, ...opaque }
}
