import Type from 'typebox'
import { memberImportLinesMax } from '../bounds.ts'
import { memberFieldSchemas, memberRow } from '../member-fields.ts'
import { lockedStatus, memberStatusNames, memberStatusText } from '../member-statuses.ts'
import { importBytesMax, importedLines, importReport } from './line-import.ts'
import { agentId } from './merchants.ts'
import { fields, operation, page, pageFields, versioned } from './operation.ts'

const { userName, memberStatus: status } = memberFieldSchemas

export const userId = Type.String({
  ...memberFieldSchemas.userId,
  description: "The member or guest, by the merchant's user ID",
})

const member = fields({
  agentId,
  userId: Type.String(),
  userName: Type.String(),
  desc: Type.String(),
  status: Type.String({ description: memberStatusText }),
  ...versioned,
})

/** Empty clears it; absent keeps it. */
const newDesc = Type.String({
  pattern: '^[A-Za-z0-9_ ]{0,20}$',
  description: 'Description; empty clears it',
  rule: 'a string of up to 20 of A-Z a-z 0-9 _ and blank',
})

const beginning = (what: string) =>
  Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_]{1,64}$',
      description: `Start of the ${what}`,
      rule: `the start of a ${what}, of A-Z a-z 0-9 _`,
    }),
  )

/** How long a kick waits for lobbies. */
const waitSeconds = Type.Optional(
  Type.Integer({
    minimum: 0,
    maximum: 60,
    default: 0,
    description: 'How long to wait for lobbies to acknowledge',
    rule: 'a whole number from 0 to 60',
  }),
)

const kicked = {
  ended: Type.Integer({ description: 'Ended sessions' }),
  entered: Type.Integer({ description: 'Ended sessions that had entered a lobby' }),
  acknowledged: Type.Integer({ description: 'Those whose lobby confirmed in time that it showed the end' }),
}

/** Merchants' members. */
export const memberOperations = {
  'member.list': operation({
    summary: "Lists a merchant's members by user ID, or by name when filtered by name.",
    method: 'GET',
    path: '/merchants/{agentId}/members',
    input: fields({
      agentId,
      ...pageFields,
      q: beginning('user ID'),
      name: beginning('name'),
      status: Type.Optional(status),
      after: Type.Optional(Type.String({ ...memberFieldSchemas.userId, description: 'Start after this user ID, instead of a cursor' })),
    }),
    output: page(member),
    right: 'members.read',
    reach: 'merchant',
    event: 'member.viewed',
    kind: 'list',
  }),
  'member.show': operation({
    summary: 'Shows a member.',
    method: 'GET',
    path: '/merchants/{agentId}/members/{userId}',
    input: fields({ agentId, userId }),
    output: member,
    right: 'members.read',
    reach: 'merchant',
    event: 'member.viewed',
    kind: 'read',
  }),
  'member.add': operation({
    summary: 'Creates a member.',
    method: 'POST',
    path: '/merchants/{agentId}/members',
    input: fields({ agentId, userId, userName: Type.Optional(userName), desc: Type.Optional(newDesc) }),
    output: member,
    right: 'members.create',
    reach: 'merchant',
    event: 'member.created',
    kind: 'create',
  }),
  'member.import': operation({
    summary: 'Creates members from lines of text and names the lines it refuses; safe to repeat.',
    method: 'POST',
    path: '/merchants/{agentId}/members/import',
    input: fields({ agentId, ...importedLines(Object.keys(memberRow.properties), `The lines, up to ${memberImportLinesMax}`) }),
    output: importReport,
    right: 'members.create',
    reach: 'merchant',
    event: 'member.imported',
    kind: 'act',
    bodyBytesMax: importBytesMax,
  }),
  'member.update': operation({
    summary: "Changes a member's name or description.",
    method: 'PATCH',
    path: '/merchants/{agentId}/members/{userId}',
    input: fields({ agentId, userId, userName: Type.Optional(userName), desc: Type.Optional(newDesc) }),
    output: member,
    right: 'members.create',
    reach: 'merchant',
    event: 'member.updated',
    kind: 'change',
  }),
  'member.lock': operation({
    summary: "Sets a member's status. One that bars logins also ends its sessions.",
    method: 'POST',
    path: '/merchants/{agentId}/members/{userId}/lock',
    input: fields({
      agentId,
      userId,
      status: Type.Optional(
        Type.Enum(memberStatusNames, {
          default: lockedStatus,
          description: memberStatusText,
          rule: `one of ${memberStatusNames.join(', ')}`,
        }),
      ),
    }),
    output: fields({ agentId, userId, status }),
    right: 'members.act',
    reach: 'merchant',
    event: 'member.locked',
    kind: 'act',
  }),
  'member.unlock': operation({
    summary: 'Lets a locked member log in and bet again.',
    method: 'POST',
    path: '/merchants/{agentId}/members/{userId}/unlock',
    input: fields({ agentId, userId }),
    output: fields({ agentId, userId, status }),
    right: 'members.act',
    reach: 'merchant',
    event: 'member.unlocked',
    kind: 'act',
  }),
  'member.logout': operation({
    summary: "Ends a member's sessions; its tokens stay refused until they would have expired.",
    method: 'POST',
    path: '/merchants/{agentId}/members/{userId}/logout',
    input: fields({ agentId, userId }),
    output: fields({ agentId, userId }),
    right: 'members.act',
    reach: 'merchant',
    event: 'member.logged_out',
    kind: 'act',
  }),
  'member.kick': operation({
    summary: "Ends a member's or guest's live sessions within a second, and reports which lobbies confirmed it.",
    method: 'POST',
    path: '/merchants/{agentId}/members/{userId}/kick',
    input: fields({ agentId, userId, waitSeconds }),
    output: fields({ agentId, userId, ...kicked }),
    right: 'members.act',
    reach: 'merchant',
    event: 'member.kicked',
    kind: 'act',
  }),
  'member.kick-merchant': operation({
    summary: 'Ends every live session of a merchant, within a second.',
    method: 'POST',
    path: '/merchants/{agentId}/kick',
    input: fields({ agentId, waitSeconds }),
    output: fields({ agentId, ...kicked }),
    right: 'members.act',
    reach: 'merchant',
    isConfirmed: true,
    event: 'member.kicked',
    kind: 'act',
  }),
  'member.kick-everybody': operation({
    summary: 'Ends every live session of every merchant, within a second.',
    method: 'POST',
    path: '/kick',
    input: fields({ waitSeconds }),
    output: fields(kicked),
    right: 'members.act',
    reach: 'platform',
    isConfirmed: true,
    event: 'member.kicked',
    kind: 'act',
  }),
  'member.erase': operation({
    summary: "Permanently removes a member's personal data and ends its sessions; events keep only its user ID.",
    method: 'DELETE',
    path: '/merchants/{agentId}/members/{userId}',
    input: fields({ agentId, userId }),
    output: fields({ agentId, userId, erased: Type.Boolean() }),
    right: 'members.erase',
    reach: 'merchant',
    isConfirmed: true,
    event: 'member.erased',
    kind: 'act',
  }),
} as const
