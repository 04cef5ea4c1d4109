/**
 * The member API's calls: their fields, each with its rule, and what is signed. The server validates with these schemas,
 * and everything that explains a call (reference, playground, command line) reads them too.
 *
 * Sources: member-login.txt, and the lifecycle calls that the same API publishes.
 */
import Type, { type Static, type TObject } from 'typebox'
import { lockedStatus, memberStatusNames, memberStatusText } from './member-statuses.ts'
import { defaultAlgorithm, signatureDigits, signingAlgorithms } from './signing-algorithms.ts'

/** A field's schema with what people read: `description` is its meaning, `rule` completes "FIELD must be …". */
export interface FieldNotes {
  readonly description: string
  readonly rule: string
  readonly examples?: readonly unknown[]
}

const text = (pattern: string, notes: FieldNotes, bounds: { maxLength?: number } = {}) => Type.String({ pattern, ...bounds, ...notes })

const agentId = text('^[A-Za-z0-9_-]{1,64}$', {
  description: 'Merchant ID',
  rule: 'a string of 1 to 64 of A-Z a-z 0-9 _ -',
  examples: ['agent001'],
})

const userId = text('^[A-Za-z0-9_]{3,64}$', {
  description: 'Merchant user ID',
  rule: 'a string of 3 to 64 of A-Z a-z 0-9 _',
  examples: ['uid001'],
})

const token = text("^[!-%'-~]{9,31}$", {
  description: 'User session token, made at random by the merchant',
  rule: 'a string of 9 to 31 printable ASCII characters without space or &',
  examples: ['tokena8c2aaef3880162a'],
})

const platform = Type.Enum(['ios', 'android', 'h5', 'web'], {
  description: 'Platform',
  rule: 'one of ios, android, h5, web',
  examples: ['h5'],
})

// RFC 5646 section 2.1, `langtag`, without the grandfathered tags.
const language = text(
  '^(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?' +
    '(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(?:-[0-9A-WYZa-wyz](?:-[A-Za-z0-9]{2,8})+)*(?:-[xX](?:-[A-Za-z0-9]{1,8})+)?$',
  { description: 'Language', rule: 'a BCP 47 language tag of up to 64 characters, such as en-US', examples: ['en-US'] },
  { maxLength: 64 },
)

const currency = text('^[A-Z0-9]{3,10}$', {
  description: 'Currency',
  rule: 'a string of 3 to 10 of A-Z 0-9',
  examples: ['VND2'],
})

const timestamp = Type.Union(
  [Type.Integer({ minimum: 1_000_000_000_000, maximum: 9_999_999_999_999 }), Type.String({ pattern: '^[0-9]{13}$' })],
  {
    description: 'Time of the call in milliseconds since 1970-01-01 UTC, valid for ten minutes',
    rule: 'the current time in milliseconds: a whole number, or a string, of 13 digits',
    examples: [1734417873301],
  },
)

const gameCode = text('^[A-Za-z0-9_-]{1,128}$', {
  description: 'Where to go after login: <gameId>, rand-<gameId> or <gameId>-<tableId>; anything else goes to the lobby',
  rule: 'a string of up to 128 of A-Z a-z 0-9 _ -',
  examples: ['101-DYfsRc'],
})

const callback = text('^[^\\u0000-\\u0020\\\\\\u007f-\\u00a0\\u2028\\u2029\\ufeff]{1,2048}$', {
  description: 'URL called when the user returns from the room',
  rule: 'an https URL of up to 2048 characters, without white space, control characters or backslash',
  examples: ['https://h5-uat.aig1234.com/home'],
})

const limits = Type.Record(Type.String(), Type.String(), {
  description: 'Bet limits: <Currency>_<GameID> to the comma-separated, ordered IDs of bet limits',
  rule: 'an object of strings, <Currency>_<GameID> to comma-separated bet-limit IDs',
  examples: [{ VND_101: '110101,110102,110103' }],
})

const customLanguage = text('^[A-Za-z0-9_>-]{1,64}$', {
  description: 'Language pack',
  rule: 'a string of up to 64 of A-Z a-z 0-9 _ - >',
  examples: ['en-US>en-play'],
})

const sign = text(`^(?:${signatureDigits.map((digits) => `[0-9A-Fa-f]{${digits}}`).join('|')})$`, {
  description: 'Signature',
  rule: `the signature: ${signatureRule()}`,
})

const userName = text('^[A-Za-z0-9_]{1,64}$', {
  description: 'Display name of the member',
  rule: 'a string of 1 to 64 of A-Z a-z 0-9 _',
  examples: ['testUser'],
})

const desc = text('^[A-Za-z0-9_ ]{1,20}$', {
  description: 'Description',
  rule: 'a string of up to 20 of A-Z a-z 0-9 _ and blank',
  examples: ['a test user'],
})

/** In an update the empty text says something: it clears the description. */
const newDesc = text('^[A-Za-z0-9_ ]{0,20}$', {
  description: 'Description; empty clears it, absent leaves it',
  rule: 'a string of up to 20 of A-Z a-z 0-9 _ and blank',
  examples: ['a test user'],
})

const amount = text('^(?:0|[1-9][0-9]{0,15})(?:\\.[0-9]{1,8})?$', {
  description: 'Amount that the guest plays with',
  rule: 'a decimal number as a string, of up to 16 digits and up to 8 decimals, such as "1000.12"',
  examples: ['1000.12'],
})

const gameId = text('^[A-Za-z0-9]{1,32}$', {
  description: 'Game ID',
  rule: 'a string of 1 to 32 of A-Z a-z 0-9',
  examples: ['101'],
})

const memberStatus = Type.Enum(memberStatusNames, {
  description: memberStatusText,
  rule: `one of ${memberStatusNames.join(', ')}`,
  examples: [lockedStatus],
})

/** Never signed, in any call and profile. `callback` joins them in login, under the profile `callback: unsigned`. */
const neverSigned = ['sign', 'limits', 'custom_language'] as const

/** One signed call of the member API. */
export interface SignedCall<S extends TObject = TObject> {
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** A closed object schema; its properties are the only fields the call takes. */
  readonly schema: S
  /** Fields outside the signature whatever the merchant's profile. */
  readonly unsigned: readonly string[]
  /** True where the merchant's profile decides whether `callback` is signed. */
  readonly callbackByProfile: boolean
  /** Fields whose empty text says something; all others are absent when empty. The signature leaves them out all the same. */
  readonly clearable?: readonly string[]
}

const closed = { additionalProperties: false } as const

export const memberLogin = {
  name: 'login',
  method: 'POST',
  path: '/api/member/login',
  schema: Type.Object(
    {
      agent_id: agentId,
      user_id: userId,
      token,
      platform,
      language,
      currency,
      timestamp,
      game_code: Type.Optional(gameCode),
      callback: Type.Optional(callback),
      limits: Type.Optional(limits),
      custom_language: Type.Optional(customLanguage),
      sign,
    },
    closed,
  ),
  unsigned: neverSigned,
  callbackByProfile: true,
} as const satisfies SignedCall

export const memberCreate = {
  name: 'create',
  method: 'POST',
  path: '/api/member/create',
  schema: Type.Object({ agent_id: agentId, user_id: userId, user_name: userName, desc: Type.Optional(desc), timestamp, sign }, closed),
  unsigned: neverSigned,
  callbackByProfile: false,
} as const satisfies SignedCall

export const memberLock = {
  name: 'lock',
  method: 'POST',
  path: '/api/member/lock',
  schema: Type.Object({ agent_id: agentId, user_id: userId, status: memberStatus, timestamp, sign }, closed),
  unsigned: neverSigned,
  callbackByProfile: false,
} as const satisfies SignedCall

export const memberLogout = {
  name: 'logout',
  method: 'POST',
  path: '/api/member/logout',
  schema: Type.Object({ agent_id: agentId, user_id: userId, timestamp, sign }, closed),
  unsigned: neverSigned,
  callbackByProfile: false,
} as const satisfies SignedCall

export const memberUpdate = {
  name: 'update',
  method: 'POST',
  path: '/api/member/update',
  schema: Type.Object(
    { agent_id: agentId, user_id: userId, user_name: Type.Optional(userName), desc: Type.Optional(newDesc), timestamp, sign },
    closed,
  ),
  unsigned: neverSigned,
  callbackByProfile: false,
  clearable: ['desc'],
} as const satisfies SignedCall

/** Its callback is signed whatever the merchant's profile. */
export const guestLogin = {
  name: 'guest_login',
  method: 'POST',
  path: '/api/guest/login',
  schema: Type.Object(
    {
      agent_id: agentId,
      platform,
      language,
      currency,
      timestamp,
      game_code: Type.Optional(gameCode),
      amount: Type.Optional(amount),
      callback: Type.Optional(callback),
      sign,
    },
    closed,
  ),
  unsigned: neverSigned,
  callbackByProfile: false,
} as const satisfies SignedCall

export const gameList = {
  name: 'game_list',
  method: 'GET',
  path: '/api/game/list',
  schema: Type.Object({ agent_id: agentId, game_id: Type.Optional(gameId), timestamp, sign }, closed),
  unsigned: neverSigned,
  callbackByProfile: false,
} as const satisfies SignedCall

export const limitList = {
  name: 'limit_list',
  method: 'GET',
  path: '/api/red/limit/list',
  schema: Type.Object({ agent_id: agentId, game_id: gameId, currency, timestamp, sign }, closed),
  unsigned: neverSigned,
  callbackByProfile: false,
} as const satisfies SignedCall

/** Every signed call that is served. Order is the order of the reference. */
export const signedCalls: readonly SignedCall[] = [
  memberLogin,
  memberCreate,
  memberUpdate,
  memberLock,
  memberLogout,
  guestLogin,
  gameList,
  limitList,
]

export type MemberLoginFields = Static<typeof memberLogin.schema>
export type MemberCreateFields = Static<typeof memberCreate.schema>
export type MemberUpdateFields = Static<typeof memberUpdate.schema>
export type GuestLoginFields = Static<typeof guestLogin.schema>
export type GameListFields = Static<typeof gameList.schema>
export type LimitListFields = Static<typeof limitList.schema>
export type MemberLockFields = Static<typeof memberLock.schema>
export type MemberLogoutFields = Static<typeof memberLogout.schema>
export type Platform = Static<typeof platform>

/** The rules by themselves, for whoever sets these values elsewhere (command line, import). */
export const memberFieldSchemas = { agentId, userId, userName, desc, currency, memberStatus, platform, gameId, amount }

function signatureRule(): string {
  const { [defaultAlgorithm]: usual, ...others } = signingAlgorithms
  const lengths = Object.values(others).map(({ digits, label }) => `${digits} under ${label}`)
  return `${usual.digits} hex digits (${lengths.join(', ')})`
}
