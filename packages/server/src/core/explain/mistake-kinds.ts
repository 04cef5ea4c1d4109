import { type KeyUse, memberLogin, type SigningAlgorithm, type SigningAlgorithmId, signingAlgorithms } from '@lobbykey/contract'

type CureOf = (algorithm: SigningAlgorithm) => string
type Cure = string | CureOf

const byKeyUse =
  (cures: Readonly<Record<KeyUse, CureOf>>): CureOf =>
  (algorithm) =>
    cures[algorithm.keyUse](algorithm)

const recipe = byKeyUse({
  'key-in-text': ({ label }) =>
    `Hash KEY&name=value&name=value… with ${label}: the key first, one &, then the signed fields sorted by name.`,
  hmac: ({ label }) =>
    `Take the ${label} of name=value&name=value…, the signed fields sorted by name, with the key as HMAC key and not in the text.`,
})
/** From the login, which has them all. */
const neverSigned = `${memberLogin.unsigned.slice(0, -1).join(', ')} and ${memberLogin.unsigned.at(-1)}`

const rawValues = 'Sign values raw, exactly as they stand in the JSON body before any encoding or escaping.'
const trim = 'Trim spaces and line breaks from values, key and text where you read them, before signing and sending.'
const buildOnce = 'Put the fields into one object once; build both the signed text and the body from that object.'
const bareHex: CureOf = ({ digits }) => `Send the digest as ${digits} hex digits and nothing else.`
const milliseconds = 'Send timestamp as whole milliseconds since 1970-01-01 UTC, 13 digits, and sign the same digits.'
const clock = 'Set the clock by NTP, take the time in UTC at each call, and sign and send at once.'

/** Every cause that the explainer names, with its cure. Mistakes that look the same from outside are one kind. */
const kinds = {
  // The key.
  'key-missing': byKeyUse({
    'key-in-text': recipe,
    hmac: () => "Give the merchant's key to the HMAC as its key; check that it is loaded when you sign.",
  }),
  'key-at-end': recipe,
  'key-as-field': recipe,
  'key-separator': recipe,
  'key-twice': recipe,
  'key-in-text': recipe,
  'key-retired': 'Sign with the key that the operator gave out last.',
  'key-of-another-merchant': 'Use the key that belongs to this agent_id, or send the agent_id that belongs to this key.',
  'key-sample':
    'Use the key that the operator gave you for this agent_id; check that the production configuration is the one that is loaded.',
  'key-placeholder': "Put the merchant's key where the documentation says key or KEY.",
  'key-is-identifier': 'Use the key that the operator gave you; it is a secret of its own and appears in no field.',
  'key-whitespace': 'Trim the key where it is read from: file, environment variable, form or database.',
  'key-quoted': 'Use the key and nothing around it: no quotes, brackets, name or separator. They often come from a configuration file.',
  'key-case': 'Use the key exactly as it was given; upper and lower case matter.',
  'key-transformed': "Use the key's characters as they are: not hashed, not decoded, not encoded.",
  // Which fields.
  'unsigned-field-signed': `Leave ${neverSigned} out of the signed text; send them unsigned.`,
  'callback-signed': 'Leave callback out of the signed text, or ask the operator for the profile that signs it.',
  'callback-left-out': 'Sign callback too, or ask the operator for the profile that leaves it unsigned.',
  'signed-field-left-out': `Sign every field that you send but ${neverSigned}, the optional ones too.`,
  'field-twice': 'Sign each field once.',
  'empty-kept': 'Leave fields that are empty or not sent out of the signed text, name and all.',
  'null-printed': 'Leave fields that are null or not sent out of the signed text, name and all.',
  // How values are written.
  'value-encoded': `${rawValues} Percent-encode nothing.`,
  'value-decoded': `${rawValues} Percent-decode nothing.`,
  'value-escaped': rawValues,
  'value-quoted': `${rawValues} Nothing stands around a value: no quotes, brackets or Optional[…].`,
  'value-case': `${rawValues} Upper and lower case matter in values.`,
  'value-trimmed': 'Trim values before both signing and sending, or before neither.',
  'value-unset': 'Build the signed text only after every field is set.',
  whitespace: trim,
  'names-changed': 'Use the names of the JSON fields in the signed text, letter for letter.',
  'number-reprinted':
    'Keep timestamp as a 64-bit integer or a string of digits, and amount as a string; sign and send the very same characters.',
  'timestamp-signed-in-another-unit': milliseconds,
  'timestamp-read-twice': 'Read the clock once, keep the value, and both sign and send it.',
  'value-changed': buildOnce,
  'sign-reused': 'Make a new signature for each request; a changed field, the timestamp included, makes the old one invalid.',
  // How the text is made.
  'field-order': 'Sort the signed fields by name, ascending, before joining them.',
  separators: 'Join name and value with =, and the fields with &, and nothing else.',
  'stray-separator': 'Put & only between fields and after the key; remove the one at the beginning or end.',
  'text-cut': 'Join the fields with & between them only; then nothing needs to be cut off.',
  'text-differs': 'Change the text as the comparison shows, then sign again.',
  'request-line-signed': recipe,
  'another-form': recipe,
  'values-only': recipe,
  'object-signed': recipe,
  'text-encoding': 'Hash the UTF-8 bytes of the text, without a byte order mark.',
  'text-case': 'Hash the text as it is; only the hex digits of the result may be in either case.',
  'text-wrapped': 'Hash the text itself.',
  'html-entities': 'Build the text as a plain string, away from HTML templates and escaping.',
  'nothing-signed': 'Print the text right before hashing it; it is not what it should be.',
  // Which algorithm.
  'other-algorithm': byKeyUse({
    'key-in-text': ({ label }) => `Sign with ${label} over the key and the fields, or ask the operator to move this merchant to yours.`,
    hmac: ({ label }) => `Sign with ${label} with the key over the fields; this merchant was moved to it, and no other is accepted.`,
  }),
  'wrong-hash': recipe,
  'hmac-instead-of-hash': recipe,
  'hash-instead-of-hmac': recipe,
  'hmac-swapped': recipe,
  'hashed-twice': byKeyUse({
    'key-in-text': ({ label }) => `Hash once: KEY&name=value&name=value… with ${label}.`,
    hmac: ({ label }) => `Hash once: the ${label} of name=value&name=value…, with the key as HMAC key.`,
  }),
  // How sign is written.
  'sign-missing': 'Send sign, the hex digits of the signature, as a string.',
  'sign-not-text': 'Send sign as a JSON string.',
  'sign-placeholder': 'Check that the signing function returns the digits, and wait for it where it is asynchronous.',
  'sign-sample': 'Compute sign for each request; the one in the documentation fits no request.',
  'sign-base64': bareHex,
  'sign-decorated': bareHex,
  'sign-hex-twice': bareHex,
  'sign-as-numbers': bareHex,
  'sign-binary': bareHex,
  'sign-zeros-lost': 'Print every byte as two hex digits, with its leading zero.',
  'sign-cut': bareHex,
  'sign-appended':
    'Write the text into the hash and then take the sum: in Go `h.Write([]byte(text))`, then `h.Sum(nil)`. Ask for a new key if it stood in that text.',
  'sign-form': bareHex,
  // Timestamp refused before the signature is looked at.
  'timestamp-missing': milliseconds,
  'timestamp-in-seconds': milliseconds,
  'timestamp-too-fine': milliseconds,
  'timestamp-as-date': milliseconds,
  'timestamp-form': milliseconds,
  'timestamp-behind': clock,
  'timestamp-ahead': clock,
  'timestamp-time-zone': 'Convert the local time to UTC before counting milliseconds since 1970; most languages have a function for it.',
  // The rest.
  'body-unreadable': 'Send one JSON object in UTF-8, each key once, with Content-Type application/json.',
  'field-rule': 'Bring the field within its rule, then sign again.',
  'signature-right': 'The signature needs no change. Look at the code that the server answered.',
  'key-unknown': "Give the merchant's key, or ask the operator, who has it, to run the explainer.",
  'text-right':
    'Hash exactly this text, as UTF-8, with the key in the place of KEY, and send the digest in hex: compare with what `lobbykey sign` prints.',
  unknown:
    'What remains is a key unknown here, a value changed after signing that cannot be guessed, or several mistakes at once. Compare the text that your code hashes with what `lobbykey sign` prints for the same body.',
} as const satisfies Record<string, Cure>

export type MistakeKind = keyof typeof kinds

export const mistakeKinds = Object.keys(kinds) as readonly MistakeKind[]

export function cureOf(kind: MistakeKind, algorithm: SigningAlgorithmId): string {
  const cure: Cure = kinds[kind]
  return typeof cure === 'string' ? cure : cure(signingAlgorithms[algorithm])
}
