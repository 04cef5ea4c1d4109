import Type from 'typebox'
import { fields, operation, page, pageFields } from './operation.ts'

const gameId = Type.String({ minLength: 1, maxLength: 32, description: 'The game', rule: 'the ID of a game' })
const currency = Type.String({ minLength: 1, maxLength: 16, description: 'Its currency', rule: 'a currency' })
const names = Type.Record(Type.String(), Type.String(), { description: 'By language' })
const status = Type.Integer({ minimum: 0, maximum: 1, description: '1: active' })

const game = fields({ gameId, names })
const table = fields({ gameId, instId: Type.String(), names, status })
const limit = fields({
  redId: Type.String(),
  gameId,
  currency,
  minLimit: Type.String({ description: 'Decimal text' }),
  maxLimit: Type.String({ description: 'Decimal text' }),
  seq: Type.Integer({ description: "Position in the platform's order" }),
  status,
})

const counts = { games: Type.Integer(), tables: Type.Integer(), limits: Type.Integer() }
const part = fields({
  added: Type.Array(Type.String()),
  removed: Type.Array(Type.String()),
  changed: Type.Array(fields({ item: Type.String(), fields: Type.Record(Type.String(), Type.Array(Type.Unknown())) })),
})
const form = Type.Enum(['json', 'csv'], { description: 'File format', rule: 'json or csv' })

/** Games, tables and bet limits that logins may name, for all merchants. */
export const catalogueOperations = {
  'catalogue.show': operation({
    summary: 'Counts games, tables and bet limits.',
    method: 'GET',
    path: '/catalogue',
    input: fields({}),
    output: fields(counts),
    right: 'catalogue.read',
    reach: 'everyone',
    event: null,
    kind: 'read',
  }),
  'catalogue.games': operation({
    summary: 'Lists the games by ID.',
    method: 'GET',
    path: '/catalogue/games',
    input: fields(pageFields),
    output: page(game),
    right: 'catalogue.read',
    reach: 'everyone',
    event: null,
    kind: 'list',
  }),
  'catalogue.game': operation({
    summary: 'Shows a game with its tables and bet limits.',
    method: 'GET',
    path: '/catalogue/games/{gameId}',
    input: fields({ gameId }),
    output: fields({ gameId, names, tables: Type.Array(table), limits: Type.Array(limit) }),
    right: 'catalogue.read',
    reach: 'everyone',
    event: null,
    kind: 'read',
  }),
  'catalogue.limits': operation({
    summary: 'Lists the bet limits by currency, game and ID.',
    method: 'GET',
    path: '/catalogue/limits',
    input: fields({ ...pageFields, currency: Type.Optional(currency), gameId: Type.Optional(gameId) }),
    output: page(limit),
    right: 'catalogue.read',
    reach: 'everyone',
    event: null,
    kind: 'list',
  }),
  'catalogue.export': operation({
    summary: 'Exports the catalogue as a file for catalogue.import.',
    method: 'GET',
    path: '/catalogue/file',
    input: fields({ form: Type.Optional(form) }),
    output: fields({ form, text: Type.String() }),
    right: 'catalogue.read',
    reach: 'everyone',
    event: null,
    kind: 'read',
  }),
  'catalogue.import': operation({
    summary: 'Replaces the whole catalogue with a file, or reports its errors line by line.',
    method: 'PUT',
    path: '/catalogue/file',
    input: fields({ form, text: Type.String({ description: 'The file', rule: 'the text of a file' }) }),
    output: fields({ ...counts, difference: fields({ games: part, tables: part, limits: part }) }),
    right: 'catalogue.write',
    reach: 'platform',
    event: 'catalogue.replaced',
    kind: 'act',
    bodyBytesMax: 16 * 1024 * 1024,
  }),
} as const
