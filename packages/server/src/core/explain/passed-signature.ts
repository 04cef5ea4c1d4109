import type { Explanation } from './explain-signature.ts'
import { cureOf } from './mistake-kinds.ts'

/** The answer about a call whose signature was valid when it arrived. */
export function passedSignature(): Explanation {
  const kind = 'signature-right'
  return { kind, sentence: 'The signature was right.', cure: cureOf(kind, 'md5'), also: [], ruledOut: [] }
}
