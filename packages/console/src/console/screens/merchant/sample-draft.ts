import { type Operation, operations, type SnippetRequest, type SnippetValue, tokenOfRun } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { type Draft, startDraft } from '../../../playground/draft.ts'
import { snippetRequest } from '../../../playground/prepared-request.ts'

type Settings = Pick<AdminOutput<'merchant.show'>, 'agentId' | 'currencies' | 'callbackOrigins' | 'sign' | 'callback'>

/** The calls that merchants' programs make. */
export const sampleOperations: readonly Operation[] = operations.filter(({ signedCall }) => signedCall !== null)

/** What the playground starts with. */
export const playgroundStart = startDraft({ nonce: '', samples: null, canExplain: false })

/** A call with a merchant's settings, as the playground holds it; never with a key. */
export function sampleDraft({ agentId, currencies, callbackOrigins, sign, callback }: Settings, operationId: string): Draft {
  const { values } = playgroundStart
  const [origin = ''] = callbackOrigins
  return {
    ...playgroundStart,
    operationId,
    values: {
      ...values,
      agent_id: agentId,
      currency: currencies[0] ?? values.currency ?? '',
      // An app's link is listed in full.
      callback: /^https?:/.test(origin) ? `${origin}/` : origin,
      // A client library makes one itself.
      token: '',
    },
    profile: { algorithm: sign, callback },
  }
}

/** The same for a program without a library, which makes a new token at every run. */
export function sampleRequest(draft: Draft, origin: string): SnippetRequest {
  const request = snippetRequest({ ...draft, values: { ...draft.values, token: 'made' } }, origin, false)
  const fields = Object.entries(request.fields).map(([name, value]) => [name, name === 'token' ? tokenOfRun : value] as const)
  return { ...request, fields: Object.fromEntries(fields) as Record<string, SnippetValue> }
}
