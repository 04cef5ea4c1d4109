import Type from 'typebox'
import { passwordLengthText } from '../bounds.ts'
import { sellerColumns } from '../seller-fields.ts'
import { labelFilter, labels } from './labels.ts'
import { importBytesMax, importedLines, importReport } from './line-import.ts'
import { enablement } from './merchants.ts'
import { fields, operation, page, pageFields, time, timeOrNull, versioned } from './operation.ts'

const sellerId = Type.String({
  minLength: 1,
  maxLength: 254,
  description: "The seller's ID, or its e-mail",
  rule: 'the ID or e-mail of a seller',
})
const email = Type.String({ minLength: 3, maxLength: 254, description: "The seller's login e-mail", rule: 'one e-mail address' })
const password = Type.String({
  minLength: 1,
  maxLength: 4096,
  description: `${passwordLengthText}, not easy to guess`,
  rule: `a password of ${passwordLengthText}`,
})

const named = { sellerId: Type.String(), email: Type.String() }

const seller = fields({ ...named, status: enablement, labels, ...versioned, lastLoginAt: timeOrNull, needlessLogins: Type.Integer() })

const session = fields({
  sid: Type.String(),
  state: Type.String({ description: 'live, expired, or how it ended' }),
  createdAt: time,
  expiresAt: time,
  endedAt: timeOrNull,
  address: Type.Union([Type.String(), Type.Null()]),
})

/** Sellers belong to no merchant. */
export const sellerOperations = {
  'seller.list': operation({
    summary: 'Lists the sellers by e-mail.',
    method: 'GET',
    path: '/sellers',
    input: fields({
      ...pageFields,
      q: Type.Optional(
        Type.String({
          pattern: '^[^\\s\\u0000-\\u001f\\u007f]{1,254}$',
          description: 'Start of the e-mail',
          rule: 'the start of an e-mail',
        }),
      ),
      status: Type.Optional(enablement),
      label: Type.Optional(labelFilter),
      after: Type.Optional(
        Type.String({ ...email, pattern: '^[^\\s\\u0000-\\u001f\\u007f]+$', description: 'Start after this e-mail, instead of a cursor' }),
      ),
    }),
    output: page(seller),
    right: 'sellers.read',
    reach: 'platform',
    event: null,
    kind: 'list',
  }),
  'seller.show': operation({
    summary: 'Shows a seller.',
    method: 'GET',
    path: '/sellers/{sellerId}',
    input: fields({ sellerId }),
    output: seller,
    right: 'sellers.read',
    reach: 'platform',
    event: null,
    kind: 'read',
  }),
  'seller.add': operation({
    summary: 'Adds a seller.',
    method: 'POST',
    path: '/sellers',
    input: fields({ email, password, labels: Type.Optional(labels) }),
    output: seller,
    right: 'sellers.write',
    reach: 'platform',
    event: 'seller.added',
    kind: 'create',
  }),
  'seller.update': operation({
    summary: "Changes a seller's e-mail or labels. Another e-mail voids a reset link sent to the old one.",
    method: 'PATCH',
    path: '/sellers/{sellerId}',
    input: fields({ sellerId, email: Type.Optional(email), labels: Type.Optional(labels) }),
    output: seller,
    right: 'sellers.write',
    reach: 'platform',
    event: 'seller.updated',
    kind: 'change',
  }),
  'seller.enable': operation({
    summary: 'Lets a disabled seller log in again.',
    method: 'POST',
    path: '/sellers/{sellerId}/enable',
    input: fields({ sellerId }),
    output: fields({ ...named, status: enablement }),
    right: 'sellers.write',
    reach: 'platform',
    event: 'seller.enabled',
    kind: 'act',
  }),
  'seller.disable': operation({
    summary: 'Bars a seller and ends its sessions, within a second.',
    method: 'POST',
    path: '/sellers/{sellerId}/disable',
    input: fields({ sellerId }),
    output: fields({ ...named, status: enablement }),
    right: 'sellers.write',
    reach: 'platform',
    event: 'seller.disabled',
    kind: 'act',
  }),
  'seller.unlock': operation({
    summary: 'Resets the count of wrong passwords, so that the seller can log in at once.',
    method: 'POST',
    path: '/sellers/{sellerId}/unlock',
    input: fields({ sellerId }),
    output: fields(named),
    right: 'sellers.act',
    reach: 'platform',
    event: 'seller.unlocked',
    kind: 'act',
  }),
  'seller.set-password': operation({
    summary: "Sets a seller's password and ends its sessions.",
    method: 'POST',
    path: '/sellers/{sellerId}/password',
    input: fields({ sellerId, password }),
    output: fields(named),
    right: 'sellers.write',
    reach: 'platform',
    isConfirmed: true,
    event: 'seller.password_set',
    kind: 'act',
  }),
  'seller.reset': operation({
    summary: 'Creates a link for the seller to set a new password, valid once and for an hour.',
    method: 'POST',
    path: '/sellers/{sellerId}/reset-link',
    input: fields({ sellerId }),
    output: fields({ ...named, url: Type.String({ description: 'Shown only now' }), expiresAt: time }),
    right: 'sellers.write',
    reach: 'platform',
    event: 'seller.password_reset_issued',
    kind: 'create',
    secrets: ['url'],
  }),
  'seller.end-sessions': operation({
    summary: 'Ends every live session of a seller, within a second.',
    method: 'POST',
    path: '/sellers/{sellerId}/end-sessions',
    input: fields({ sellerId }),
    output: fields({ ...named, ended: Type.Integer() }),
    right: 'sellers.act',
    reach: 'platform',
    event: 'seller.sessions_ended',
    kind: 'act',
  }),
  'seller.import': operation({
    summary: 'Imports sellers with password hashes of another system and names the lines it refuses; safe to repeat.',
    method: 'POST',
    path: '/sellers/import',
    input: fields(importedLines(sellerColumns)),
    output: importReport,
    right: 'sellers.write',
    reach: 'platform',
    event: 'seller.imported',
    kind: 'act',
    bodyBytesMax: importBytesMax,
  }),
  'seller.delete': operation({
    summary: 'Permanently deletes a seller whose tokens have all expired.',
    method: 'DELETE',
    path: '/sellers/{sellerId}',
    input: fields({ sellerId }),
    output: fields({ ...named, deleted: Type.Boolean() }),
    right: 'sellers.write',
    reach: 'platform',
    isConfirmed: true,
    event: 'seller.deleted',
    kind: 'act',
  }),
  'seller-session.list': operation({
    summary: "Lists a seller's sessions, newest first, ended ones too.",
    method: 'GET',
    path: '/sellers/{sellerId}/sessions',
    input: fields({ sellerId, ...pageFields }),
    output: page(session),
    right: 'sellers.read',
    reach: 'platform',
    event: null,
    kind: 'list',
  }),
  'seller-session.end': operation({
    summary: "Ends one of a seller's sessions, within a second.",
    method: 'POST',
    path: '/sellers/{sellerId}/sessions/{sid}/end',
    input: fields({
      sellerId,
      sid: Type.String({
        pattern: '^[A-Za-z0-9_-]{1,64}$',
        description: 'The session, as listed by seller-session.list',
        rule: 'the ID of a session',
      }),
    }),
    output: fields({ ...named, sid: Type.String(), ended: Type.Boolean({ description: 'False if it had already ended' }) }),
    right: 'sellers.act',
    reach: 'platform',
    event: 'seller.session_ended',
    kind: 'act',
  }),
} as const
