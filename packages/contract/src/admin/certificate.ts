/** A merchant's go-live certificate: what its program has to be seen doing in real traffic. */
import Type from 'typebox'
import { agentId } from './merchants.ts'
import { fields, operation, time, timeOrNull } from './operation.ts'

/** More wrong signatures than this, each within half a minute of the one before, are a loop. */
export const wrongSignaturesMax = 5

/** Larger differences of a merchant's clock are worth telling it. */
export const clockRightWithinMs = 2_000

export interface CertificateItemText {
  readonly title: string
  /** What the merchant's engineer does to have it ticked; gets what the item is about. */
  readonly missing: (...about: string[]) => string
  /** What was seen instead, and what to do; empty where nothing wrong can be seen. */
  readonly wrong: (...about: string[]) => string
}

const nothing = () => ''

/** In the order of an integration. */
export const certificateItems = {
  signature: {
    title: 'Right signature on every call it uses',
    missing: () => 'Log a member in, and make each other call that the program uses.',
    wrong: (...calls) => `The latest call had a wrong signature (600100): ${calls.join(', ')}. Correct how it is signed, and call again.`,
  },
  repeat: {
    title: 'A repeated login is answered alike',
    missing: () => 'Send the same signed login twice, byte for byte, within ten minutes.',
    wrong: nothing,
  },
  'fresh-token': {
    title: 'A fresh token for each session',
    missing: () => 'Log the same member in twice in a row, each time with a new random token.',
    wrong: () => 'A used token came again. Make a new random token for each login, then log the same member in twice in a row.',
  },
  'wrong-signature': {
    title: 'A wrong signature is handled, not looped',
    missing: () => 'Sign one call with a wrong key, and do not repeat it. It is ticked half a minute later.',
    wrong: () =>
      `More than ${wrongSignaturesMax} wrong signatures came in a row. Have the program stop at 600100, wait half a minute, then sign one call with a wrong key.`,
  },
  'retry-after': {
    title: 'Retry-After is respected',
    missing: (rate = '0') =>
      rate === '0'
        ? 'No limit of calls is set: ask the operator for one. Then send more calls at once than it allows, and send the refused ones (408004) again, unchanged, after Retry-After.'
        : `Send more than ${2 * Number(rate)} calls at once, or ask for a lower limit meanwhile, and send the refused ones (408004) again, unchanged, after Retry-After.`,
    wrong: () => 'A refused call was repeated before Retry-After was over. Wait that many seconds, then send the same request again.',
  },
  clock: {
    title: 'Clock within two seconds',
    missing: () => 'Make a signed call: its timestamp shows the clock.',
    wrong: (differenceMs = '0') => {
      const seconds = (Math.abs(Number(differenceMs)) / 1_000).toFixed(1)
      return `The clock is ${seconds} s ${Number(differenceMs) > 0 ? 'ahead' : 'behind'}. Synchronise it (NTP), then make some calls: the mean of the last ones counts.`
    },
  },
  callback: {
    title: 'A callback on a listed origin is used',
    missing: (...origins) => `Log in with a callback on ${origins.join(' or ')}.`,
    wrong: (...origins) => `A callback was on no listed origin. Use one on ${origins.join(' or ')}, or ask for another origin.`,
  },
  logout: {
    title: 'Logout is called',
    missing: () => 'Log a member out.',
    wrong: nothing,
  },
  rotation: {
    title: 'A key rotation is rehearsed',
    missing: (newKey, oldKey) => {
      if (newKey === undefined) return 'Create a second key, sign with it, and retire the old one when it has been silent for a day.'
      if (oldKey === undefined) return `Sign with the new key, ${newKey}.`
      return `Stop signing with the old key, ${oldKey}, and retire it when it has been silent for a day.`
    },
    wrong: nothing,
  },
  addresses: {
    title: 'The address list is not open to the world',
    missing: () => 'The list is empty: ask for the addresses that your servers call from.',
    wrong: (...entries) => `The list admits everybody in ${entries.join(', ')}. Ask for the addresses that your servers call from instead.`,
  },
} as const satisfies Record<string, CertificateItemText>

export type CertificateItemName = keyof typeof certificateItems

export const certificateItemNames = Object.keys(certificateItems) as CertificateItemName[]

const certificateStates = ['seen', 'missing', 'wrong', 'not-needed'] as const
export type CertificateState = (typeof certificateStates)[number]

export const certificateOperations = {
  'merchant.certificate': operation({
    summary: "Shows a merchant's go-live certificate: what its program was seen doing right, and what is missing.",
    method: 'GET',
    path: '/merchants/{agentId}/certificate',
    input: fields({ agentId }),
    output: fields({
      agentId,
      isComplete: Type.Boolean({ description: 'Whether every item is seen or not needed' }),
      at: time,
      items: Type.Array(
        fields({
          item: Type.Enum(certificateItemNames),
          title: Type.String(),
          state: Type.Enum(certificateStates as unknown as CertificateState[], {
            description: 'By the latest that was seen; not-needed: nothing of the kind is set up',
          }),
          seenAt: timeOrNull,
          about: Type.Array(Type.String(), { description: 'What it is about: calls, keys, addresses, origins or a number' }),
          todo: Type.Union([Type.String(), Type.Null()], { description: "What the merchant's engineer does to have it ticked" }),
        }),
      ),
    }),
    right: 'merchants.read',
    reach: 'merchant',
    event: null,
    kind: 'read',
  }),
} as const
