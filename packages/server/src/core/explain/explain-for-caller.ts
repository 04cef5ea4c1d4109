import { GatewayError } from '@lobbykey/contract'
import type { Store } from '../../store/store.ts'
import type { Clock } from '../base/clock.ts'
import { addressKey } from '../base/network-address.ts'
import type { Sealer } from '../base/sealer.ts'
import { verifyListed } from '../members/signed-call.ts'
import type { Merchant, MerchantDirectory } from '../merchants/merchant-directory.ts'
import { type ExplainQuestion, findPrior, findText } from './explain-request.ts'
import type { Explanation } from './explain-signature.ts'
import type { Explainer } from './explainer.ts'
import { openedKeys, othersMax } from './load-known-keys.ts'
import type { KnownKeys } from './mistake.ts'
import type { QuestionLimit } from './question-limit.ts'

export interface CallerExplanations {
  readonly store: Pick<Store, 'merchants' | 'memberSessions'>
  readonly sealer: Sealer
  readonly clock: Clock
  readonly merchants: Pick<MerchantDirectory, 'find' | 'newestFirst'>
  /** Throws or rejects when memory is older than promised. */
  readonly assertFresh: () => void | Promise<void>
  readonly limit: QuestionLimit
  readonly explainer: Explainer
  /** Keys from documentation, which people sign with by mistake. */
  readonly publishedKeys: readonly string[]
  /** As in ExplainInput; used when the question does not name one. */
  readonly origin: string
}

/**
 * Explains a request to the caller at `address`. Where the member API would not check the signature, because the merchant does not
 * exist or does not list the address, this does not either (check 92), and gives the same answer.
 *
 * @throws GatewayError merchant_not_found, address_not_allowed, rate_limited
 */
export async function explainForCaller(parts: CallerExplanations, question: ExplainQuestion, address: string | null): Promise<Explanation> {
  const { merchants, assertFresh, limit, explainer, clock, store } = parts
  await assertFresh()
  const merchant = merchants.find(findText(question.body, 'agent_id') ?? '')
  if (merchant === null) throw new GatewayError('merchant_not_found')
  verifyListed(merchant, address)
  limit.take(merchant.agentId, addressKey(address), clock.now())
  const [keys, prior] = await Promise.all([
    loadKeys(parts, merchant, address),
    findPrior(store, merchant.agentId, question.body, clock.now()),
  ])
  const origin = question.origin ?? parts.origin
  return explainer.explain({ ...question, keys, profile: merchant.profile, prior, origin }, merchant.agentId)
}

/** Other merchants only if they list this caller: otherwise anyone could test guesses of their keys. */
async function loadKeys(
  { store, sealer, merchants, publishedKeys }: CallerExplanations,
  merchant: Merchant,
  address: string,
): Promise<KnownKeys> {
  const [record] = await store.merchants.load([merchant.agentId])
  const others: string[] = []
  for (const other of merchants.newestFirst()) {
    if (others.length >= othersMax) break
    if (other !== merchant && other.allow.has(address)) others.push(...other.keys)
  }
  return {
    active: merchant.keys,
    retired: record === undefined ? [] : openedKeys(record, sealer, 'retired'),
    others,
    published: publishedKeys,
    ids: merchant.keyIds,
  }
}
