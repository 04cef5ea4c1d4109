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
  limits: Type.Enum(['redis', 'node', 'process'], { description: 'Who keeps its rate limits' }),
  limitsShared: Type.Boolean({ description: 'False where that keeper is away and it limits by itself' }),
})

/** How the installation is. */
export const statusOperations = {
  'status.show': operation({
    summary: 'Tells how the installation is: processes, store, Redis, signing keys, and what is due.',
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
        newerMigrations: Type.Array(Type.String({ description: 'Of a version after the answering one' })),
        warnings: Type.Array(Type.String()),
      }),
      redis: Type.Union([fields({ isReached: Type.Boolean() }), Type.Null()], {
        description: 'As the living processes see it; null where none uses it',
      }),
      processes: Type.Array(nodeProcess),
      signingKey: Type.Union([fields({ kid: Type.String(), since: time, nextAt: timeOrNull }), Type.Null()]),
      due: Type.Array(Type.String(), { description: 'What somebody should see to, a sentence each' }),
    }),
    right: 'status.read',
    reach: 'platform',
    event: null,
    kind: 'read',
  }),
} as const
