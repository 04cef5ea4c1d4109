/**
 * The member API's calls: their fields, each with its rule, and which are signed. The server validates with these schemas;
 * reference, playground and command line read them too.
 */

import Type, { type Static } from 'typebox'
import { timestampWindowText } from './bounds.ts'
import { lockedStatus, memberStatusNames, memberStatusText } from './member-statuses.ts'
import { type FieldNotes, type SignedCall, signedCall } from './signed-call.ts'
import { defaultAlgorithm, signatureDigits, signingAlgorithms } from './signing-algorithms.ts'

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
  description: 'Session token: random, chosen by the merchant',
  rule: 'a string of 9 to 31 printable ASCII characters without space or &',
  examples: ['tokena8c2aaef3880162a'],
})

export const platforms = ['ios', 'android', 'h5', 'web'] as const

const platform = Type.Enum([...platforms], {
  description: 'Platform',
  rule: `one of ${platforms.join(', ')}`,
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
    description: `Time of the call in milliseconds since 1970-01-01 UTC, valid for ${timestampWindowText}`,
    rule: 'the current time in milliseconds: a whole number, or a string, of 13 digits',
    examples: [1734417873301],
  },
)

const gameCode = text('^[A-Za-z0-9_-]{1,128}$', {
  description: 'Where to go after login: <gameId>, rand-<gameId> or <gameId>-<tableId>; anything else goes to the lobby',
  rule: 'a string of up to 128 of A-Z a-z 0-9 _ -',
  examples: ['101-DYfsRc'],
})

const callback = (signed: NonNullable<FieldNotes['signed']>) =>
  text('^[^\\u0000-\\u0020\\\\\\u007f-\\u00a0\\u2028\\u2029\\ufeff]{1,2048}$', {
    description: 'URL called when the user returns from the room',
    rule: 'an https URL or an app link of up to 2048 characters, without white space, control characters or backslash',
    examples: ['https://h5-uat.aig1234.com/home'],
    signed,
    kept: 'shown',
  })

const limits = Type.Record(Type.String(), Type.String(), {
  description: 'Bet limits: <Currency>_<GameID> to the comma-separated, ordered IDs of bet limits',
  rule: 'an object of strings, <Currency>_<GameID> to comma-separated bet-limit IDs',
  examples: [{ VND_101: '110101,110102,110103' }],
  signed: 'never',
  kept: 'resolved',
} satisfies FieldNotes)

const customLanguage = text('^[A-Za-z0-9_>-]{1,64}$', {
  description: 'Language pack',
  rule: 'a string of up to 64 of A-Z a-z 0-9 _ - >',
  examples: ['en-US>en-play'],
  signed: 'never',
  kept: 'shown',
})

const sign = text(`^(?:${signatureDigits.map((digits) => `[0-9A-Fa-f]{${digits}}`).join('|')})$`, {
  description: 'Signature',
  rule: `the signature: ${signatureRule()}`,
  signed: 'never',
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

/** In an update, the empty text clears the description. */
const newDesc = text('^[A-Za-z0-9_ ]{0,20}$', {
  description: 'Description; empty clears it, absent leaves it',
  rule: 'a string of up to 20 of A-Z a-z 0-9 _ and blank',
  examples: ['a test user'],
})

const amount = text('^(?:0|[1-9][0-9]{0,15})(?:\\.[0-9]{1,8})?$', {
  description: 'Amount the guest plays with',
  rule: 'a decimal number as a string, of up to 16 digits and up to 8 decimals, such as "1000.12"',
  examples: ['1000.12'],
  kept: 'shown',
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

const closed = { additionalProperties: false } as const

export const memberLogin = signedCall({
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
      callback: Type.Optional(callback('by-profile')),
      limits: Type.Optional(limits),
      custom_language: Type.Optional(customLanguage),
      sign,
    },
    closed,
  ),
})

export const memberCreate = signedCall({
  name: 'create',
  method: 'POST',
  path: '/api/member/create',
  schema: Type.Object({ agent_id: agentId, user_id: userId, user_name: userName, desc: Type.Optional(desc), timestamp, sign }, closed),
})

export const memberLock = signedCall({
  name: 'lock',
  method: 'POST',
  path: '/api/member/lock',
  schema: Type.Object({ agent_id: agentId, user_id: userId, status: memberStatus, timestamp, sign }, closed),
})

export const memberLogout = signedCall({
  name: 'logout',
  method: 'POST',
  path: '/api/member/logout',
  schema: Type.Object({ agent_id: agentId, user_id: userId, timestamp, sign }, closed),
})

export const memberUpdate = signedCall({
  name: 'update',
  method: 'POST',
  path: '/api/member/update',
  schema: Type.Object(
    { agent_id: agentId, user_id: userId, user_name: Type.Optional(userName), desc: Type.Optional(newDesc), timestamp, sign },
    closed,
  ),
  clearable: ['desc'],
})

/** Its callback is signed under every profile. */
export const guestLogin = signedCall({
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
      callback: Type.Optional(callback('always')),
      sign,
    },
    closed,
  ),
})

export const gameList = signedCall({
  name: 'game_list',
  method: 'GET',
  path: '/api/game/list',
  schema: Type.Object({ agent_id: agentId, game_id: Type.Optional(gameId), timestamp, sign }, closed),
})

export const limitList = signedCall({
  name: 'limit_list',
  method: 'GET',
  path: '/api/red/limit/list',
  schema: Type.Object({ agent_id: agentId, game_id: gameId, currency, timestamp, sign }, closed),
})

/** A member in an imported file: what create takes of one, and its status. */
export const memberRow = Type.Object(
  { user_id: userId, user_name: userName, desc: Type.Optional(desc), status: Type.Optional(memberStatus) },
  closed,
)

/** Every signed call, in the order of the reference. */
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
export type MemberRow = Static<typeof memberRow>
export type Platform = Static<typeof platform>

/** What a session keeps of its login, as sent; no rule of ours depends on it. */
export type KeptFields = Readonly<Partial<Omit<OptionalFields<MemberLoginFields> & OptionalFields<GuestLoginFields>, 'game_code'>>>
type OptionalFields<Fields> = { [Name in keyof Fields as undefined extends Fields[Name] ? Name : never]: Fields[Name] }

/** Kept fields that the session check shows as sent. */
export const shownFields = [
  ...new Set(
    signedCalls.flatMap(({ schema, kept }) => kept.filter((name) => (schema.properties[name] as Partial<FieldNotes>).kept === 'shown')),
  ),
] as readonly (keyof KeptFields)[]

/** The rules alone, for the command line and imports. */
export const memberFieldSchemas = { agentId, userId, userName, desc, currency, memberStatus, platform, gameId, amount }

function signatureRule(): string {
  const { [defaultAlgorithm]: usual, ...others } = signingAlgorithms
  const lengths = Object.values(others).map(({ digits, label }) => `${digits} under ${label}`)
  return `${usual.digits} hex digits (${lengths.join(', ')})`
}
