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
  /** Whether a login with a callback was. */
  readonly isCallbackProven: boolean
  readonly isLoopback: boolean
}

/** What code 600100 cannot tell: the likeliest reason, from what this side knows. Never holds the key. */
export function whyRefused({ call, key, algorithm, callback, hasCallback, isProven, isCallbackProven, isLoopback }: RefusedCall): string {
  if (!isSound(algorithm)) return `This runtime computes a wrong ${algorithm}: even the published example comes out wrong.`
  if (key !== key.trim()) return 'The key begins or ends with white space: remove it. Often it is the line break at the end of a file.'
  if (/^(["']).*\1$/.test(key)) return 'The key is in quotes: remove them.'
  if (key === vector.key && !isLoopback) return "The key is the published example's, which only a sandbox has: use your own."
  const isCallbackInDoubt = call === 'login' && hasCallback && !isCallbackProven
  const other = callback === 'unsigned' ? 'signed' : 'unsigned'
  const change = `your profile has callback '${other}' and this client '${callback}': create it with callback '${other}', or ask the operator.`
  if (isProven && isCallbackInDoubt) return `Key and algorithm worked before, so likely ${change}`
  if (isProven) return 'Such calls succeeded before: likely the operator has replaced the key or changed your profile.'
  const likely = `Likely the key is another environment's, or your profile has another algorithm than '${algorithm}': compare both with the operator. The text is signed as the published example is.`
  return isCallbackInDoubt ? `${likely} If a login without callback succeeds, ${change}` : likely
}
