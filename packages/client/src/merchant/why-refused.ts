import { vector } from '../generated/contract.ts'
import { type Algorithm, type CallbackRule, type CallName, isSound } from './signature.ts'

export interface RefusedCall {
  readonly call: CallName
  readonly key: string
  readonly algorithm: Algorithm
  readonly callback: CallbackRule
  readonly hasCallback: boolean
  /** Whether this client's key and algorithm were accepted before. */
  readonly isProven: boolean
  readonly isLoopback: boolean
}

/** What code 600100 cannot tell: the likeliest reason, from what this side knows. Never holds the key. */
export function whyRefused({ call, key, algorithm, callback, hasCallback, isProven, isLoopback }: RefusedCall): string {
  if (!isSound(algorithm)) return `This runtime computes a wrong ${algorithm}: even the published example comes out wrong.`
  if (key !== key.trim()) return 'The key begins or ends with white space: remove it, often it is the line end of a file.'
  if (/^(["']).*\1$/.test(key)) return 'The key is in quotes: remove them.'
  if (key === vector.key && !isLoopback) return "The key is the published example's, which only a sandbox has: use your own."
  const isCallbackInDoubt = call === 'login' && hasCallback
  const other = callback === 'unsigned' ? 'signed' : 'unsigned'
  if (isProven && isCallbackInDoubt)
    return `Key and algorithm were good before: likely your profile has callback '${other}', not '${callback}' as this client. If logins with a callback went well before, the operator has replaced the key.`
  if (isProven) return 'Key and algorithm were good before: likely the operator has replaced the key or moved you to another algorithm.'
  const likely = `Likely the key is another environment's, or your profile has another algorithm than '${algorithm}': compare both with the operator. The text is signed as the published example is.`
  return isCallbackInDoubt
    ? `${likely} If a login without callback goes well, your profile has callback '${other}', not '${callback}' as this client.`
    : likely
}
