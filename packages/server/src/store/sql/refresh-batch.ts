import { sql } from 'kysely'
import { bytesArray, numberArray, textArray } from '../postgres-array.ts'
import type { RefreshRotation } from '../store.ts'
import { type Connection, type Database, larger } from './database.ts'

/** See SellerSessionStore. The condition on the newest hash lets exactly one of any number of racing requests rotate (check 18). */
export function rotateNewest(database: Database, batch: readonly RefreshRotation[]): Promise<(number | null)[]> {
  if (batch.length === 0) return Promise.resolve([])
  if (database.dialect === 'postgres') return database.run((db) => rotateByFunction(db, batch))
  return database.transaction(async (tx) => {
    const expiries = []
    for (const rotation of batch) expiries.push(await rotateOne(tx, rotation))
    return expiries
  })
}

/** One statement for the whole batch, which commits by itself (migrations/0060-refresh-batch.ts). */
async function rotateByFunction(db: Connection, batch: readonly RefreshRotation[]): Promise<(number | null)[]> {
  // In one order, so that batches of different nodes cannot deadlock.
  const sorted = batch.map((rotation, index) => ({ ...rotation, index })).sort((left, right) => (left.sid < right.sid ? -1 : 1))
  const columns = sql.join([
    textArray(sorted.map(({ sid }) => sid)),
    bytesArray(sorted.map(({ presentedHash }) => presentedHash)),
    bytesArray(sorted.map(({ successorHash }) => successorHash)),
    numberArray(sorted.map(({ now }) => now)),
    numberArray(sorted.map(({ issuedAt }) => issuedAt)),
    textArray(sorted.map(({ kid }) => kid)),
    numberArray(sorted.map(({ idleExpiresAt }) => idleExpiresAt)),
    numberArray(sorted.map(({ accessExpiresAt }) => accessExpiresAt)),
  ])
  const { rows } = await sql<{ expiries: (string | null)[] }>`select refresh_batch_1(${columns}) as expiries`.execute(db)
  const expiries = new Array<number | null>(batch.length).fill(null)
  for (const [position, expiry] of (rows[0]?.expiries ?? []).entries()) {
    if (expiry !== null) expiries[sorted[position]?.index ?? 0] = Number(expiry)
  }
  return expiries
}

async function rotateOne(
  tx: Connection,
  { sid, presentedHash, successorHash, now, issuedAt, kid, idleExpiresAt, accessExpiresAt }: RefreshRotation,
): Promise<number | null> {
  const row = await tx
    .updateTable('seller_sessions')
    .set((is) => ({
      refresh_hash: successorHash,
      previous_refresh_hash: presentedHash,
      issued_at: issuedAt,
      rotated_at: now,
      kid,
      idle_expires_at: idleExpiresAt,
      access_expires_at: larger('sqlite', is.ref('access_expires_at'), accessExpiresAt),
    }))
    .where('sid', '=', sid)
    .where('refresh_hash', '=', presentedHash)
    .where('ended_at', 'is', null)
    .where('idle_expires_at', '>', now)
    .where('absolute_expires_at', '>', now)
    .returning('absolute_expires_at')
    .executeTakeFirst()
  return row?.absolute_expires_at ?? null
}
