import type { AdminOutput } from '@lobbykey/contract/admin'
import { version } from '../core/base/version.ts'
import { aliveMs } from '../core/records/process-beat.ts'
import { type SigningKeyView, viewKeys } from '../core/tokens/key-rotation.ts'
import type { ProcessRecord } from '../store/store.ts'
import type { Handlers, OperationParts } from './parts.ts'
import { timeValue } from './times.ts'

/** How long a process that is gone is listed, ms. */
const listedMs = 3_600_000
const dayMs = 86_400_000

export function statusHandlers(parts: OperationParts): Handlers<'status.show'> {
  return { 'status.show': () => showStatus(parts) }
}

async function showStatus({ store, clock, shared, settings }: OperationParts): Promise<AdminOutput<'status.show'>> {
  const askedAt = clock.now()
  const storeTime = await shared.read()
  const answerMs = Math.max(0, clock.now() - askedAt)
  const [records, keys, { pending, newer }] = await Promise.all([
    store.processes.list(storeTime - listedMs),
    store.signingKeys.list().then((found) => viewKeys(found, storeTime)),
    store.schema(),
  ])
  const warnings = [...(await store.durabilityProblems()), ...(await store.limitProblems())]
  const isAlive = ({ seenAt }: ProcessRecord) => storeTime - seenAt <= aliveMs
  const redis = records.filter((record) => isAlive(record) && record.limits === 'redis')
  const signing = keys.find(({ state }) => state === 'signing')
  return {
    version,
    at: timeValue(storeTime),
    store: {
      kind: store.dialect,
      answerMs,
      clockDifferenceMs: storeTime - askedAt - Math.floor(answerMs / 2),
      pendingMigrations: pending,
      newerMigrations: newer,
      warnings,
    },
    redis: redis.length === 0 ? null : { isReached: redis.every(({ limitsShared }) => limitsShared) },
    processes: records.map((record) => processView(record, isAlive(record))),
    signingKey:
      signing === undefined
        ? null
        : { kid: signing.kid, since: timeValue(signing.activeAt), nextAt: timeValue(nextKeyAt(keys, signing, settings)) },
    due: [
      ...records
        .filter((record) => !isAlive(record))
        .map(({ host, pid }) => `Process ${pid} on ${host} was not seen for ${aliveMs / 1_000} s.`),
      ...records.filter((record) => isAlive(record) && !record.isReady).map(({ host, pid }) => `Process ${pid} on ${host} is not ready.`),
      ...records
        .filter(isAlive)
        .flatMap(({ host, pid, sealBacklog = [] }) => sealBacklog.map((text) => `Process ${pid} on ${host}: ${text}`)),
      ...pending.map((name) => `The store lacks ${name}: lobbykey migrate.`),
      ...dueKeys(keys, storeTime),
    ],
  }
}

function processView({ id: _id, startedAt, seenAt, sealBacklog: _backlog, ...state }: ProcessRecord, isAlive: boolean) {
  return { ...state, startedAt: timeValue(startedAt), seenAt: timeValue(seenAt), isAlive, isReady: isAlive && state.isReady }
}

/** When the next key starts to sign: the published one, else by the schedule; null with manual rotation. */
function nextKeyAt(
  keys: readonly SigningKeyView[],
  signing: SigningKeyView,
  { keyRotationDays }: OperationParts['settings'],
): number | null {
  const published = keys.find(({ state }) => state === 'published')
  if (published !== undefined) return published.activeAt
  return keyRotationDays === 0 ? null : signing.activeAt + keyRotationDays * dayMs
}

function dueKeys(keys: readonly SigningKeyView[], now: number): string[] {
  return keys
    .filter(({ state, doneAt }) => state === 'verifying' && doneAt !== null && doneAt <= now)
    .map(({ kid }) => `Signing key ${kid} can be retired: lobbykey keys retire.`)
}
