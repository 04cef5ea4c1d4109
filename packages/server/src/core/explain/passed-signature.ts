import type { Explanation } from './explain-signature.ts'
import { cureOf } from './mistake-kinds.ts'

/** What is said of a call whose signature was found right when it came. */
export function passedSignature(): Explanation {
  const kind = 'signature-right'
  return { kind, sentence: 'The signature was right.', cure: cureOf(kind, 'md5'), also: [], ruledOut: [] }
}
