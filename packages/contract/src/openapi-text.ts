/** The prose of the reference, in CommonMark. */
import { bodyBytesText, publishedKey, timestampWindowText } from './bounds.ts'
import { canonicalString, signedNames } from './canonical.ts'
import { memberCreate } from './member-fields.ts'
import { errorAnswer, type Operation, surfaceErrors } from './reference.ts'
import { sellerBasePaths } from './seller-fields.ts'
import {
  defaultAlgorithm,
  type KeyUse,
  type SigningAlgorithm,
  type SigningAlgorithmId,
  signingAlgorithms,
  textToHash,
} from './signing-algorithms.ts'

const publishedFields = { agent_id: 'agent001', user_id: 'testUid03', user_name: 'testUser', desc: 'a test user', timestamp: 1734486159402 }

export const introduction = `Two APIs, one gateway: **sellers** get tokens with e-mail and password, **merchants** send their members to the
lobby with signed requests. Try both in the [playground](/playground).

Bodies are JSON in UTF-8, at most ${bodyBytesText}, without duplicate keys, with \`Content-Type: application/json\` and no \`Content-Encoding\`. Every
answer carries \`X-Request-Id\`: give it to the operator when you report a problem. No answer may be cached.

Game servers can ask whose session a token is, and business services whether a seller's token is valid. Each gets a secret of its own, and the
description of these calls, from the operator.`

/** Signs a canonical string, in hex. The examples carry valid signatures. */
export type Sign = (canonical: string, key: string, algorithm: SigningAlgorithmId) => string

export function memberText(memberHttpStatus: 'contract' | 'standard', sign: Sign): string {
  const status =
    memberHttpStatus === 'contract'
      ? 'Only `code` tells success from failure: errors of the contract have HTTP status 200, all others their own status.'
      : 'Failures have the HTTP status that each operation lists, and their `code`.'
  const canonical = canonicalString(publishedFields, signedNames(memberCreate, 'unsigned'))
  return `Calls that a merchant's back end signs with its key. Every answer has one envelope, \`{"code", "message", "data"}\`; \`code\` is a
number, 200 is success, and on failure \`data\` is \`{}\`. ${status}

Empty (\`""\`), \`null\` and absent mean the same for every field. Unknown fields are refused by name.

## Signing

1. Take the signed fields whose value is not empty (\`""\` and \`null\` are empty, \`0\` is not).
2. Sort them by name, ASCII ascending, and join them as \`k1=v1&k2=v2…\`: raw values, no percent-encoding.
3. Prepend the merchant's key and \`&\`.
4. \`sign\` is the ${signingAlgorithms[defaultAlgorithm].label} of the UTF-8 bytes, in hex.

${otherAlgorithms()} By default login's \`callback\` is not signed; the operator can change that.

The published example, with the key \`${publishedKey}\`:

\`${textToHash(canonical, publishedKey, defaultAlgorithm)}\`

Its ${signingAlgorithms[defaultAlgorithm].label} is \`${sign(canonical, publishedKey, defaultAlgorithm)}\`.

The timestamp is in milliseconds and may differ from the server's clock by ${timestampWindowText}. You may repeat the same signed request while it is
valid: it gets the same answer and has no further effect.

On every path:

${errorList('member', surfaceErrors, memberHttpStatus)}`
}

/** What differs for merchants with another algorithm, one sentence each. */
function otherAlgorithms(): string {
  const { [defaultAlgorithm]: _usual, ...others } = signingAlgorithms
  return Object.values(others)
    .map((algorithm) => {
      const moved = `A merchant that the operator has moved to **${algorithm.label}** ${differentSteps[algorithm.keyUse](algorithm)}`
      return `${moved}: ${algorithm.digits} hex digits.`
    })
    .join(' ')
}

const differentSteps: Readonly<Record<KeyUse, (algorithm: SigningAlgorithm) => string>> = {
  'key-in-text': ({ label }) => `takes, in step 4, the ${label}`,
  hmac: ({ label }) => `skips step 3 and takes, in step 4, the ${label} of the string of step 2\nunder its key`,
}

export function sellerText(): string {
  return `Sellers' programs log in once, then send the access token with every call. Each path below is served under
\`${sellerBasePaths[0]}\` and \`${sellerBasePaths[1]}\`; this page shows the first.

Every answer has one envelope, \`{"code", "msg", "time", "data"}\`; \`code\` is a string, \`"0000"\` is success, \`time\` is the server's time, and
on failure \`data\` is \`null\`. Reuse the access token until it expires instead of logging in for each call; then refresh.

On every path:

${errorList('seller', surfaceErrors, 'contract')}`
}

const retryTexts = { fix: 'after correcting the request', later: 'later', login: 'after a new login', no: 'never' } as const

/** An operation's errors as a collapsible list: code, message, cause and fix. */
export function errorText(operation: Operation, memberHttpStatus: 'contract' | 'standard'): string {
  const list = errorList(operation.api, operation.errors, memberHttpStatus)
  return `<details>\n<summary>Errors with cause and fix</summary>\n\n${list}\n\n</details>`
}

function errorList(api: Operation['api'], keys: Operation['errors'], memberHttpStatus: 'contract' | 'standard'): string {
  return keys
    .map((key) => {
      const { code, http, text, entry } = errorAnswer(api, key, memberHttpStatus)
      return `- **\`${code}\` ${text}** (HTTP ${http}). ${entry.cause} *${entry.cure}* Retry: ${retryTexts[entry.retry]}.`
    })
    .join('\n')
}
