import Type from 'typebox'
import { fields, operation, time, timeOrNull } from './operation.ts'

const nodeProcess = fields({
  host: Type.String(),
  pid: Type.Integer(),
  version: Type.String(),
  startedAt: time,
  seenAt: time,
  isAlive: Type.Boolean({ description: 'Whether it was seen within the last half minute' }),
  isReady: Type.Boolean(),
  limits: Type.Enum(['redis', 'node', 'process'], { description: 'Where its rate limits are kept' }),
  limitsShared: Type.Boolean({ description: 'False while it limits alone because that is unreachable' }),
})

/** Health of the installation. */
export const statusOperations = {
  'status.show': operation({
    summary: "Shows the installation's health: processes, store, Redis, signing keys, and what needs attention.",
    method: 'GET',
    path: '/status',
    input: fields({}),
    output: fields({
      version: Type.String(),
      at: time,
      store: fields({
        kind: Type.Enum(['sqlite', 'postgres']),
        answerMs: Type.Integer(),
        clockDifferenceMs: Type.Integer({ description: "How far the database's clock is ahead of the answering process's" }),
        pendingMigrations: Type.Array(Type.String()),
        newerMigrations: Type.Array(Type.String({ description: "Of a version later than this process's" })),
        warnings: Type.Array(Type.String()),
      }),
      redis: Type.Union([fields({ isReached: Type.Boolean() }), Type.Null()], {
        description: 'As the live processes see it; null if none uses it',
      }),
      processes: Type.Array(nodeProcess),
      signingKey: Type.Union([fields({ kid: Type.String(), since: time, nextAt: timeOrNull }), Type.Null()]),
      due: Type.Array(Type.String(), { description: 'What needs attention, one sentence each' }),
    }),
    right: 'status.read',
    reach: 'platform',
    event: null,
    kind: 'read',
  }),
} as const
