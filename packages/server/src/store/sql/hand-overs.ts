import type { HandOverStore } from '../store.ts'
import type { Database } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'

export function handOverStore(database: Database): HandOverStore {
  return {
    add: ({ id, tokenHash, sealedSecret, what, agentId, createdAt, expiresAt }, event) =>
      database.transaction(async (tx) => {
        await tx
          .insertInto('hand_overs')
          .values({
            id,
            token_hash: tokenHash,
            sealed_secret: sealedSecret,
            what,
            agent_id: agentId,
            created_at: createdAt,
            expires_at: expiresAt,
          })
          .execute()
        await appendEvents(tx, [event])
      }),

    take: (tokenHash, now, eventOf) =>
      database.transaction(async (tx) => {
        const row = await tx
          .deleteFrom('hand_overs')
          .where('token_hash', '=', tokenHash)
          .where('expires_at', '>', now)
          .returningAll()
          .executeTakeFirst()
        if (row === undefined) return null
        const handOver = {
          id: row.id,
          tokenHash: row.token_hash,
          sealedSecret: row.sealed_secret,
          what: row.what,
          agentId: row.agent_id,
          createdAt: row.created_at,
          expiresAt: row.expires_at,
        }
        // So that a store that goes back does not let it be opened again.
        await appendChanges(tx, [{ topic: 'hand-over', subject: handOver.id, at: now, detail: 'ended' }])
        await appendEvents(tx, [eventOf(handOver)])
        return handOver
      }),

    remove: (id, event) =>
      database.transaction(async (tx) => {
        const { numDeletedRows } = await tx.deleteFrom('hand_overs').where('id', '=', id).executeTakeFirst()
        if (numDeletedRows === 0n) return false
        await appendEvents(tx, [event])
        return true
      }),
  }
}
