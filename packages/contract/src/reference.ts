/**
 * Every operation of both partner APIs with its purpose, fields, answer and errors. The OpenAPI document and the playground derive
 * from this list. It defines no rules: fields are the server's validation schemas, errors are keys of the catalogue.
 */

import Type, { type TObject } from 'typebox'
import { passwordLengthText } from './bounds.ts'
import { type SigningProfile, signedNames } from './canonical.ts'
import { type CatalogueEntry, catalogue, type ErrorKey } from './catalogue.ts'
import { signedCalls } from './member-fields.ts'
import { barredStatuses, loginRefusals } from './member-statuses.ts'
import { sellerBasePaths, sellerLogin, sellerLogout, sellerPassword, sellerPasswordReset, sellerRefresh } from './seller-fields.ts'
import type { SignedCall } from './signed-call.ts'

export interface Operation {
  /** `<api>.<name>`, unique. */
  readonly id: string
  readonly api: 'member' | 'seller'
  readonly title: string
  readonly description: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Fields of the body, or of the query for GET. */
  readonly schema: TObject
  /** Null if the call is not signed. */
  readonly signedCall: SignedCall | null
  /** Whether it takes a seller's access token as `Authorization: Bearer`. */
  readonly isBearer: boolean
  /** `data` of a success. */
  readonly data: TObject
  /** Errors beside `surfaceErrors`, in the order of the checks. */
  readonly errors: readonly ErrorKey[]
}

/** Errors that every path of an API can return. */
export const surfaceErrors: readonly ErrorKey[] = ['ambiguous_request', 'host_not_served', 'path_not_found', 'method_not_allowed']

const nothing = Type.Object({})

const sellerTokens = Type.Object({
  accessToken: Type.String({ description: 'JWT, RS256. Send it as Authorization: Bearer on every later call' }),
  tokenType: Type.Literal('Bearer', { description: 'Always Bearer' }),
  expiresIn: Type.Integer({ description: 'Seconds of validity. Rely on this value', examples: [86_400] }),
  refreshToken: Type.String({ description: 'Exchange it once for the next token pair' }),
})

const sellerIdentity = Type.Object({
  sellerId: Type.String({ description: "The seller's ID" }),
  email: Type.String({ description: "The seller's login e-mail", examples: ['seller@example.com'] }),
  expiresAt: Type.String({ description: "The access token's expiry, ISO 8601", examples: ['2026-01-01T00:00:00.000Z'] }),
})

/** What a signed call's schema does not say. */
interface CallNotes {
  /** Default: derived from the path. */
  readonly title?: string
  readonly description: string
  readonly data: TObject
  /** Beyond those that every signed call can return. */
  readonly errors: readonly ErrorKey[]
}

const named = (description: string, example: object) =>
  Type.Record(Type.String(), Type.String(), { description: `${description} by language`, examples: [example] })

const status = Type.Integer({ enum: [0, 1], description: '1 is active' })

const games = Type.Object({
  list: Type.Array(
    Type.Object({
      game_id: Type.String({ description: 'Game ID' }),
      game_name: named('Name', { en: 'Baccarat' }),
      rooms: Type.Array(
        Type.Object({
          game_id: Type.String({ description: 'Game ID' }),
          inst_id: Type.String({ description: 'Table ID: the second part of game_code' }),
          inst_name: named('Name', { en: 'Table 1' }),
          status,
        }),
      ),
    }),
    {
      description: 'Games with their tables',
      examples: [
        [
          {
            game_id: '101',
            game_name: { en: 'Baccarat' },
            rooms: [{ game_id: '101', inst_id: 'DYfsRc', inst_name: { en: 'Table 1' }, status: 1 }],
          },
        ],
      ],
    },
  ),
})

const betLimits = Type.Object({
  list: Type.Array(
    Type.Object({
      red_id: Type.String({ description: 'Bet-limit ID, as used in limits' }),
      game_id: Type.String({ description: 'Game ID' }),
      currency: Type.String({ description: 'Currency' }),
      min_limit: Type.String({ description: 'Smallest bet, inclusive, a decimal number' }),
      max_limit: Type.String({ description: 'Largest bet, inclusive, a decimal number' }),
      seq: Type.Integer({ description: 'Position in limits, ascending' }),
      status,
    }),
    {
      description: 'Bet limits of the game and currency, in their order',
      examples: [[{ red_id: '110101', game_id: '101', currency: 'VND2', min_limit: '10000', max_limit: '1000000', seq: 1, status: 1 }]],
    },
  ),
})

const callNotes: Readonly<Record<string, CallNotes>> = {
  login: {
    description: "A merchant's back end logs a member in and gets the URL to send the member's app to.",
    data: Type.Object({
      url: Type.String({ description: 'Lobby URL: send the member there' }),
      token: Type.String({ description: "The request's token", examples: ['tokena8c2aaef3880162a'] }),
    }),
    errors: ['currency_not_allowed', 'bet_limits', 'member_not_found', ...loginRefusals, 'login_refused'],
  },
  create: { description: 'Creates a member of the merchant.', data: nothing, errors: ['member_exists', 'login_refused'] },
  update: {
    description:
      'Changes the name or description of a member. An absent field keeps its value; an empty desc clears it. Empty fields are not signed.',
    data: nothing,
    errors: ['member_not_found', 'login_refused'],
  },
  lock: {
    description: `Sets what a member may do. ${barredStatuses.join(', ')} ends the sessions of the member.`,
    data: nothing,
    errors: ['member_not_found', 'lock_failed', 'login_refused'],
  },
  logout: { description: 'Ends the sessions of a member.', data: nothing, errors: ['member_not_found', 'login_refused'] },
  guest_login: {
    description:
      "Logs in a guest without an account and returns the URL to send the guest's app to. The platform makes uid and token; repeating the request returns the same ones. The callback is signed under every profile.",
    data: Type.Object({
      url: Type.String({ description: 'Lobby URL: send the guest there' }),
      token: Type.String({ description: 'The session token, 32 characters', examples: ['b1Yv0zq6oXJm4hUe8sTn2aRkWc5dLx7p'] }),
    }),
    errors: ['currency_not_allowed', 'login_refused'],
  },
  game_list: { description: 'Games and their tables, for game_code.', data: games, errors: [] },
  limit_list: {
    title: 'Bet-limit list',
    description: "Bet limits of a game in one of the merchant's currencies, in the order that limits must use.",
    data: betLimits,
    errors: ['currency_not_allowed'],
  },
}

const bodyErrors: readonly ErrorKey[] = ['unsupported_media_type', 'body_too_large', 'invalid_body']

/** Reads are answered from memory and never queue. */
function lateErrorsOf({ method }: SignedCall): readonly ErrorKey[] {
  return [...(method === 'POST' ? (['queue_full'] as const) : []), 'store_unavailable', 'internal']
}

/** The signed calls, in the order they are served. */
const memberOperations: readonly Operation[] = signedCalls.map((call) => {
  const notes: CallNotes = callNotes[call.name] ?? { description: '', data: nothing, errors: [] }
  const shared: ErrorKey[] = ['invalid_parameter', 'merchant_not_found', 'address_not_allowed', 'bad_signature']
  return {
    id: `member.${call.name}`,
    api: 'member',
    title: notes.title ?? titleOf(call.path),
    description: notes.description,
    method: call.method,
    path: call.path,
    schema: call.schema,
    signedCall: call,
    isBearer: false,
    data: notes.data,
    errors: ['rate_limited', ...(call.method === 'POST' ? bodyErrors : []), ...shared, ...notes.errors, ...lateErrorsOf(call)],
  }
})

const bearerErrors: readonly ErrorKey[] = ['access_token_invalid', 'access_token_expired', 'access_token_revoked']

const sellerOperations: readonly Operation[] = [
  sellerOperation({
    name: 'login',
    title: 'Seller login',
    description:
      'A seller exchanges e-mail and password for an access token and a refresh token. Reuse the token: a login while the account has a fresh one is counted and answered with X-Token-Advice.',
    method: 'POST',
    schema: sellerLogin,
    isBearer: false,
    data: sellerTokens,
    errors: [...bodyErrors, 'invalid_parameter', 'throttled', 'login_busy', 'bad_credentials'],
  }),
  sellerOperation({
    name: 'me',
    title: 'Who am I',
    description: 'Returns the account behind an access token, and when the token expires.',
    method: 'GET',
    schema: nothing,
    isBearer: true,
    data: sellerIdentity,
    errors: ['invalid_parameter', ...bearerErrors],
  }),
  sellerOperation({
    name: 'refresh',
    title: 'Refresh',
    description: 'Exchanges a refresh token for the next access token and refresh token. A refresh token works once.',
    method: 'POST',
    schema: sellerRefresh,
    isBearer: false,
    data: sellerTokens,
    errors: [...bodyErrors, 'invalid_parameter', 'refresh_token_invalid'],
  }),
  sellerOperation({
    name: 'logout',
    title: 'Seller logout',
    description: 'Ends the session behind the access token: its access tokens and its refresh token stop working.',
    method: 'POST',
    schema: sellerLogout,
    isBearer: true,
    data: nothing,
    errors: [...bodyErrors, 'invalid_parameter', ...bearerErrors],
  }),
  sellerOperation({
    name: 'password',
    title: 'Change password',
    description: `Sets a new password, given the current one. Ends every other session of the seller. The new password must have ${passwordLengthText} of any kind and not be easy to guess; the message says why one is refused.`,
    method: 'POST',
    schema: sellerPassword,
    isBearer: true,
    data: nothing,
    errors: [...bearerErrors, ...bodyErrors, 'invalid_parameter', 'throttled', 'login_busy', 'bad_credentials'],
  }),
  sellerOperation({
    name: 'passwordReset',
    subpath: 'password/reset',
    title: 'Reset password',
    description:
      "Sets a new password, given the one-time token of the operator's link. Ends every session of the seller and resets its count of wrong passwords.",
    method: 'POST',
    schema: sellerPasswordReset,
    isBearer: false,
    data: nothing,
    errors: [...bodyErrors, 'invalid_parameter', 'reset_token_invalid', 'login_busy'],
  }),
]

/** Every operation that is served, in the order of the reference. */
export const operations: readonly Operation[] = [...memberOperations, ...sellerOperations]

/** An error as one API returns it. */
export interface ErrorAnswer {
  readonly key: ErrorKey
  readonly code: string | number
  readonly text: string
  readonly http: number
  readonly entry: CatalogueEntry
}

/** How an API answers an error. @param memberHttpStatus `contract`: the member API answers 200 for errors of its contract */
export function errorAnswer(api: Operation['api'], key: ErrorKey, memberHttpStatus: 'contract' | 'standard'): ErrorAnswer {
  const entry: CatalogueEntry = catalogue[key]
  if (api === 'seller') return { key, code: entry.sellerCode ?? '', text: entry.sellerText ?? '', http: entry.http, entry }
  const isReal = memberHttpStatus === 'standard' || entry.memberStatusIsReal === true
  return { key, code: entry.memberCode ?? 0, text: entry.memberText ?? '', http: isReal ? entry.http : 200, entry }
}

/** A complete request from the fields' examples, without `sign`. */
export function sampleFields({ schema }: Operation): Record<string, unknown> {
  const sample: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(schema.properties)) {
    const [example] = (field as { examples?: readonly unknown[] }).examples ?? []
    if (example !== undefined) sample[name] = example
  }
  return sample
}

/** The fields of a signed call outside its signature under a profile, including `sign`. */
export function unsignedFields(call: SignedCall, callback: SigningProfile['callback']): readonly string[] {
  const signed = signedNames(call, callback)
  return Object.keys(call.schema.properties).filter((name) => !signed.includes(name))
}

/** Its path ends in `subpath`, or its name. */
function sellerOperation(parts: Omit<Operation, 'id' | 'api' | 'path' | 'signedCall'> & { name: string; subpath?: string }): Operation {
  const { name, subpath = name, ...rest } = parts
  const path = `${sellerBasePaths[0]}/seller/auth/${subpath}`
  return { ...rest, id: `seller.${name}`, api: 'seller', path, signedCall: null, errors: [...rest.errors, 'store_unavailable', 'internal'] }
}

/** `/api/member/login` → `Member login`. */
function titleOf(path: string): string {
  const words = path.split('/').slice(2).join(' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
