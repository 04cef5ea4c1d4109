/** A request in a URL fragment: the call, the profile and the changed fields. Never a key, password or token. */
import { callbackRules, defaultAlgorithm, defaultCallbackRule, isSigningAlgorithm, type SigningProfile } from '@lobbykey/contract'
import { type Draft, getOperation, isSecret } from './draft.ts'

/** In a link to a merchant's own request: the sample key is not its key. */
const ownMark = ['merchant', 'own'] as const

const profileName = { algorithm: 'sign-algorithm', callback: 'sign-callback' } as const

export function writeFragment(draft: Draft, start: Draft): string {
  const { schema } = getOperation(draft.operationId)
  const parameters = new URLSearchParams({ call: draft.operationId })
  for (const name of Object.keys(schema.properties)) {
    const text = draft.values[name] ?? ''
    if (!isSecret(name) && text !== (start.values[name] ?? '')) parameters.set(name, text)
  }
  if (draft.profile.algorithm !== defaultAlgorithm) parameters.set(profileName.algorithm, draft.profile.algorithm)
  if (draft.profile.callback !== defaultCallbackRule) parameters.set(profileName.callback, draft.profile.callback)
  return `#${parameters}`
}

/** As `writeFragment`, for a merchant with a key of its own. */
export function writeOwnFragment(draft: Draft, start: Draft): string {
  return `${writeFragment(draft, start)}&${ownMark.join('=')}`
}

/** Restores a fragment on top of a draft; ignores what it does not know. */
export function readFragment(fragment: string, draft: Draft): Draft {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''))
  const operation = getOperation(parameters.get('call') ?? draft.operationId)
  const values: Record<string, string> = { ...draft.values }
  for (const name of Object.keys(operation.schema.properties)) {
    const text = parameters.get(name)
    if (text !== null && !isSecret(name)) values[name] = text
  }
  const algorithm = parameters.get(profileName.algorithm)
  const profile: SigningProfile = {
    algorithm: isSigningAlgorithm(algorithm) ? algorithm : defaultAlgorithm,
    callback: callbackRules.find((rule) => rule === parameters.get(profileName.callback)) ?? defaultCallbackRule,
  }
  const isOwn = parameters.get(ownMark[0]) === ownMark[1] && values.agent_id !== draft.values.agent_id
  return { ...draft, operationId: operation.id, values, profile, key: isOwn ? '' : draft.key }
}
