/**
 * How a program gets an API token through an operator's browser, as in RFC 8628: it asks, shows its user a link and a short code, and polls; the
 * operator enters the code in the console, compares what it asks for, and confirms.
 */
import Type, { type Static, type TObject, type TSchema } from 'typebox'
import { fields, operation, shownName, time } from './operation.ts'
import { agentIds, tokenDays as days, tokenFields, tokenId } from './operators.ts'

const { name, rights, allowConfirmed } = tokenFields

const deviceCode = Type.String({
  pattern: '^[A-Za-z0-9_-]{43}$',
  description: "The requesting program's secret",
  rule: 'the deviceCode of a request',
})
/** Eight consonants, in any case and with or without a hyphen. */
const userCode = Type.String({
  pattern: '^\\s*(?:[A-Za-z][\\s-]*){8}$',
  maxLength: 32,
  description: 'The code that the program shows',
  rule: 'the eight letters that the program shows',
})

/** What a program asks for; absent rights and merchants are the operator's own. */
const wanted = {
  name,
  rights: Type.Optional(rights),
  agentIds: Type.Optional(agentIds),
  days: Type.Optional(days),
  allowConfirmed: Type.Optional(allowConfirmed),
}
const host = shownName('The machine that asks, as it calls itself')
const user = shownName('The user that asks, as the machine calls it')

/** Seconds between two polls, at the start. */
const pollSeconds = Type.Integer({ description: 'Seconds to wait before the next poll' })

/** Calls of programs without a token, below `adminBasePath`: each a POST with a JSON body. */
export const connectCalls = {
  request: {
    path: '/connect/requests',
    input: fields({ host, user, ...wanted }),
    output: fields({
      deviceCode: Type.String(),
      userCode: Type.String(),
      verificationUrl: Type.String({ description: 'Where the operator enters the code' }),
      expiresAt: time,
      pollSeconds,
    }),
  },
  /** `expired` also for a code that is unknown or was used. */
  poll: {
    path: '/connect/token',
    input: fields({ deviceCode }),
    output: Type.Union([
      fields({ state: Type.Enum(['pending', 'slow-down']), pollSeconds }),
      fields({ state: Type.Enum(['denied', 'expired']) }),
      fields({
        state: Type.Literal('granted'),
        token: Type.String({ description: 'Shown only now' }),
        tokenId,
        email: Type.String({ description: 'The operator in whose name it acts' }),
        expiresAt: time,
      }),
    ]),
  },
} as const satisfies Readonly<Record<string, { readonly path: string; readonly input: TObject; readonly output: TSchema }>>

export type ConnectCall = keyof typeof connectCalls
export type ConnectInput<Call extends ConnectCall> = Static<(typeof connectCalls)[Call]['input']>
export type ConnectOutput<Call extends ConnectCall> = Static<(typeof connectCalls)[Call]['output']>

/** The operator's part: compares a request with what the program shows, and decides. */
export const connectionOperations = {
  'connection.show': operation({
    summary: 'Shows who asks for a token under a code, and what it would permit.',
    method: 'POST',
    path: '/connections/show',
    input: fields({ userCode }),
    output: fields({
      userCode: Type.String(),
      host,
      user,
      address: Type.Union([Type.String(), Type.Null()], { description: 'Where the request came from, as the server saw it' }),
      name,
      rights: Type.Array(Type.String(), { description: 'What the token would permit' }),
      missingRights: Type.Array(Type.String(), { description: "Asked for, and not the caller's to give" }),
      agentIds,
      days,
      allowConfirmed,
      requestedAt: time,
      expiresAt: time,
    }),
    right: 'self',
    reach: 'caller',
    isGuessable: true,
    event: null,
    kind: 'act',
  }),
  'connection.allow': operation({
    summary: 'Lets the program that shows this code have its token, in the name of the caller.',
    method: 'POST',
    path: '/connections/allow',
    input: fields({ userCode }),
    output: fields({ userCode: Type.String(), allowed: Type.Boolean() }),
    right: 'self',
    reach: 'caller',
    isConfirmed: true,
    isGuessable: true,
    event: 'connection.allowed',
    kind: 'act',
  }),
  'connection.deny': operation({
    summary: 'Refuses the program that shows this code.',
    method: 'POST',
    path: '/connections/deny',
    input: fields({ userCode }),
    output: fields({ userCode: Type.String(), denied: Type.Boolean() }),
    right: 'self',
    reach: 'caller',
    isGuessable: true,
    event: 'connection.denied',
    kind: 'act',
  }),
} as const
