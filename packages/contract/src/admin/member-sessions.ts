import Type from 'typebox'
import { memberFieldSchemas } from '../member-fields.ts'
import { userId } from './members.ts'
import { agentId } from './merchants.ts'
import { fields, operation, page, pageFields, time, timeOrNull } from './operation.ts'

const sessionId = Type.String({
  pattern: '^[0-9a-f]{32}-[0-9a-z]{1,10}$',
  description: 'The session, as listed by member-session.list; it grants no access',
  rule: 'the ID of a session',
})

const textOrNull = Type.Union([Type.String(), Type.Null()])

/** What operators see of a session: neither its callback nor anything that opens it. */
const session = fields({
  sessionId: Type.String(),
  agentId,
  userId: Type.String(),
  kind: Type.Enum(['member', 'guest']),
  platform: Type.String(),
  language: Type.String(),
  currency: Type.String(),
  gameCode: textOrNull,
  createdAt: time,
  expiresAt: time,
  enteredAt: timeOrNull,
  endedAt: timeOrNull,
  endReason: textOrNull,
})

const counts = (description: string) => Type.Record(Type.String(), Type.Integer(), { description })

/** Of more sessions only so many are looked at, so that every answer is quick. */
export const onlineCountedMax = 10_000

const isComplete = Type.Boolean({
  description: `Whether all sessions were counted: of more than ${onlineCountedMax.toLocaleString('en')}, ended ones too, only so many are looked at`,
})

const summary = fields({
  agentId,
  sessions: Type.Integer({ description: 'Live sessions; if not complete, there are more' }),
  users: Type.Integer({ description: 'Members and guests in them' }),
  isComplete,
  byPlatform: counts('Live sessions by platform'),
  byCurrency: counts('Live sessions by currency'),
  byGame: counts('Live sessions by game ID; lobby for those in no game'),
})

/** Who is online. */
export const memberSessionOperations = {
  'member-session.list': operation({
    summary: "Lists a merchant's live sessions by user ID, or those of one member or guest.",
    method: 'GET',
    path: '/merchants/{agentId}/sessions',
    input: fields({
      agentId,
      ...pageFields,
      userId: Type.Optional(userId),
      after: Type.Optional(
        Type.String({ ...memberFieldSchemas.userId, description: 'Start after this member or guest, instead of a cursor' }),
      ),
    }),
    output: page(session),
    right: 'members.read',
    reach: 'merchant',
    event: 'member.viewed',
    kind: 'list',
  }),
  'member-session.show': operation({
    summary: 'Shows a session, also an ended one until it would have expired.',
    method: 'GET',
    path: '/merchants/{agentId}/sessions/{sessionId}',
    input: fields({ agentId, sessionId }),
    output: session,
    right: 'members.read',
    reach: 'merchant',
    event: 'member.viewed',
    kind: 'read',
  }),
  'member-session.end': operation({
    summary: 'Ends one live session, within a second.',
    method: 'POST',
    path: '/merchants/{agentId}/sessions/{sessionId}/end',
    input: fields({ agentId, sessionId }),
    output: fields({ agentId, sessionId, userId: Type.String(), ended: Type.Boolean({ description: 'False if it had already ended' }) }),
    right: 'members.act',
    reach: 'merchant',
    event: 'member.kicked',
    kind: 'act',
  }),
  'member-session.count': operation({
    summary: 'Counts the live sessions of all merchants.',
    method: 'GET',
    path: '/session-count',
    input: fields({}),
    output: fields({ sessions: Type.Integer({ description: 'Live sessions; if not complete, there are more' }), isComplete }),
    right: 'members.read',
    reach: 'own',
    event: null,
    kind: 'read',
  }),
  'member-session.summary': operation({
    summary: "Counts a merchant's live sessions by platform, currency and game.",
    method: 'GET',
    path: '/merchants/{agentId}/session-summary',
    input: fields({ agentId }),
    output: summary,
    right: 'members.read',
    reach: 'merchant',
    event: null,
    kind: 'read',
  }),
  'member-session.summaries': operation({
    summary: 'Counts the live sessions of each merchant, by ID.',
    method: 'GET',
    path: '/session-summaries',
    input: fields(pageFields),
    output: page(summary),
    right: 'members.read',
    reach: 'own',
    event: null,
    kind: 'list',
  }),
} as const
