import Type, { type TSchema } from 'typebox'
import { memberFieldSchemas } from '../member-fields.ts'
import { signingAlgorithmIds } from '../signing-algorithms.ts'
import { handOver, madeHandOver } from './hand-over.ts'
import { labelFilter, labels } from './labels.ts'
import { fields, operation, page, pageFields, time, timeOrNull, versioned } from './operation.ts'

export const agentId = memberFieldSchemas.agentId

export const enablement = Type.Enum(['enabled', 'disabled'], { rule: 'enabled or disabled' })

const text = (description: string, rule: string, maxLength = 2048) => Type.String({ minLength: 1, maxLength, description, rule })
const nullable = <T extends TSchema>(schema: T, notes: { description: string; rule: string }) => Type.Union([schema, Type.Null()], notes)

const lobbyUrl = nullable(text('', ''), {
  description: "Where members are sent; null: the gateway's own lobby page",
  rule: 'an absolute https URL, or null',
})

/** A merchant's settings. The server validates list items itself and names the invalid one. */
export const merchantSettings = {
  currencies: Type.Array(text('', '', 64), {
    maxItems: 200,
    description: 'Currencies that logins may use',
    rule: 'a list of currencies',
  }),
  allow: Type.Array(text('', '', 64), {
    maxItems: 1000,
    description: 'Addresses and CIDR blocks that may call; an empty list refuses everyone',
    rule: 'a list of IP addresses and CIDR blocks',
  }),
  callbackOrigins: Type.Array(text('', ''), {
    maxItems: 200,
    description: "Origins that callbacks may have, and apps' links in full, such as myapp://done",
    rule: "a list of https origins and apps' links",
  }),
  lobbyUrl,
  lobbyUrls: Type.Partial(fields({ ios: lobbyUrl, android: lobbyUrl, h5: lobbyUrl, web: lobbyUrl }), {
    additionalProperties: false,
    description: 'The lobby of one platform; null: lobbyUrl',
    rule: 'an object of ios, android, h5 and web',
  }),
  launch: Type.Enum(['token', 'ticket'], {
    description: 'What opens the lobby: the session token, or a one-time ticket',
    rule: 'token or ticket',
  }),
  sessions: Type.Enum(['many', 'newest-wins', 'refuse'], {
    description: 'Sessions per member: many, or one (newest-wins ends the older, refuse rejects the newer)',
    rule: 'many, newest-wins or refuse',
  }),
  ratePerSecond: nullable(Type.Integer({ minimum: 0, maximum: 1_000_000 }), {
    description: 'Requests a second; 0 for no limit, null for RATE_PER_MERCHANT',
    rule: 'a whole number from 0 to 1000000, or null',
  }),
  autoCreateMembers: Type.Boolean({ description: 'Whether a login creates the member it names', rule: 'true or false' }),
  sign: Type.Enum(signingAlgorithmIds, { description: 'Signature algorithm', rule: `one of ${signingAlgorithmIds.join(', ')}` }),
  callback: Type.Enum(['unsigned', 'signed'], { description: 'Whether callback is inside the signature', rule: 'unsigned or signed' }),
  frameAncestors: Type.Array(text('', ''), {
    maxItems: 50,
    description: "Origins whose pages may frame this server's lobby; an empty list: none",
    rule: 'a list of https origins',
  }),
  labels,
} as const

export const merchantKey = fields({
  keyId: Type.String(),
  status: Type.Enum(['active', 'retired']),
  createdAt: time,
  retiredAt: timeOrNull,
  lastUsedAt: timeOrNull,
  safeToRetireFrom: timeOrNull,
})

export const merchant = fields({
  agentId,
  status: enablement,
  ...merchantSettings,
  ...versioned,
  clock: Type.Union([fields({ differenceMs: Type.Integer(), measuredAt: time }), Type.Null()], {
    description: "How far the merchant's clock is ahead of ours by its last calls",
  }),
  keys: Type.Array(merchantKey),
  warnings: Type.Array(Type.String(), { description: 'Settings that keep its members from logging in or reaching the lobby' }),
})

/** From the counted calls. */
const effects = Type.Array(Type.String(), { description: "How it would have affected the last day's calls" })

const key = Type.Optional(
  Type.String({
    pattern: '^[A-Za-z0-9]{16,128}$',
    description: 'An existing key; default: a new one',
    rule: '16 to 128 of A-Z a-z 0-9',
  }),
)
const shownKey = {
  keyId: Type.String(),
  key: Type.Optional(Type.String({ description: 'Shown only now; absent for an existing key' })),
  handOver: madeHandOver,
}

export const merchantOperations = {
  'merchant.list': operation({
    summary: 'Lists the merchants by ID.',
    method: 'GET',
    path: '/merchants',
    input: fields({
      ...pageFields,
      q: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Start of the ID', rule: 'the start of an ID' })),
      status: Type.Optional(enablement),
      label: Type.Optional(labelFilter),
      due: Type.Optional(
        Type.Enum(['clock', 'key'], {
          description: 'Only those whose clock is off, or whose old key can be retired',
          rule: 'clock or key',
        }),
      ),
    }),
    output: page(merchant),
    right: 'merchants.read',
    reach: 'own',
    event: null,
    kind: 'list',
  }),
  'merchant.show': operation({
    summary: 'Shows a merchant with its settings and key IDs, never the keys themselves.',
    method: 'GET',
    path: '/merchants/{agentId}',
    input: fields({ agentId }),
    output: merchant,
    right: 'merchants.read',
    reach: 'merchant',
    event: null,
    kind: 'read',
  }),
  'merchant.add': operation({
    summary: 'Adds a merchant and shows its key, once.',
    method: 'POST',
    path: '/merchants',
    input: Type.Object({ agentId, key, handOver, ...Type.Partial(fields(merchantSettings)).properties }, { additionalProperties: false }),
    output: fields({ agentId, ...shownKey, warnings: Type.Array(Type.String()) }),
    right: 'merchants.write',
    reach: 'platform',
    event: 'merchant.added',
    kind: 'create',
    secrets: ['key', 'handOver'],
  }),
  'merchant.update': operation({
    summary: 'Changes the given settings; a given list replaces the old one.',
    method: 'PATCH',
    path: '/merchants/{agentId}',
    input: Type.Object({ agentId, ...Type.Partial(fields(merchantSettings)).properties }, { additionalProperties: false }),
    output: fields({ ...merchant.properties, effects }),
    right: 'merchants.write',
    reach: 'merchant',
    event: 'merchant.updated',
    kind: 'change',
  }),
  'merchant.enable': operation({
    summary: 'Lets a disabled merchant in again.',
    method: 'POST',
    path: '/merchants/{agentId}/enable',
    input: fields({ agentId }),
    output: fields({ agentId, status: enablement }),
    right: 'merchants.write',
    reach: 'merchant',
    event: 'merchant.enabled',
    kind: 'act',
  }),
  'merchant.disable': operation({
    summary: 'Makes a merchant unknown to the member API, within a second.',
    method: 'POST',
    path: '/merchants/{agentId}/disable',
    input: fields({ agentId }),
    output: fields({ agentId, status: enablement, effects }),
    right: 'merchants.write',
    reach: 'merchant',
    isConfirmed: true,
    event: 'merchant.disabled',
    kind: 'act',
  }),
  'merchant.delete': operation({
    summary: 'Deletes a merchant that was never used; disable others instead.',
    method: 'DELETE',
    path: '/merchants/{agentId}',
    input: fields({ agentId }),
    output: fields({ agentId, deleted: Type.Boolean() }),
    right: 'merchants.write',
    reach: 'merchant',
    isConfirmed: true,
    event: 'merchant.deleted',
    kind: 'act',
  }),
  'merchant.rotate-key': operation({
    summary: 'Adds a second key and shows it, once; the old one works until it is retired.',
    method: 'POST',
    path: '/merchants/{agentId}/keys',
    input: fields({ agentId, key, handOver }),
    output: fields({ agentId, ...shownKey }),
    right: 'merchant-keys.rotate',
    reach: 'merchant',
    isConfirmed: true,
    event: 'merchant.key_added',
    kind: 'create',
    secrets: ['key', 'handOver'],
  }),
  'merchant.retire-key': operation({
    summary: 'Retires a key within a second; a key in use only by force.',
    method: 'POST',
    path: '/merchants/{agentId}/keys/{keyId}/retire',
    input: fields({
      agentId,
      keyId: Type.String({ minLength: 1, maxLength: 64, description: 'The key, as shown by merchant.show', rule: 'the ID of a key' }),
      force: Type.Optional(Type.Boolean({ description: 'Even if calls are still signed with it', rule: 'true or false' })),
    }),
    output: fields({ agentId, keyId: Type.String(), status: Type.Enum(['retired']), effects }),
    right: 'merchant-keys.rotate',
    fieldRights: { force: 'merchant-keys.force' },
    reach: 'merchant',
    isConfirmed: true,
    event: 'merchant.key_retired',
    kind: 'act',
  }),
  'merchant.test-address': operation({
    summary: "Checks whether the merchant's list allows an address, and by which entry.",
    method: 'GET',
    path: '/merchants/{agentId}/test-address',
    input: fields({ agentId, address: Type.String({ minLength: 1, maxLength: 64, description: 'An IP address', rule: 'an IP address' }) }),
    output: fields({ agentId, address: Type.String(), isAllowed: Type.Boolean(), by: Type.Union([Type.String(), Type.Null()]) }),
    right: 'merchants.read',
    reach: 'merchant',
    event: null,
    kind: 'read',
  }),
} as const
