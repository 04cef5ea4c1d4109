import type { IdempotentAnswerStore } from '../store.ts'
import type { Database } from './database.ts'

export function idempotentAnswerStore(database: Database): IdempotentAnswerStore {
  return {
    claim: ({ keyHash, requestDigest, now, expiresAt }) =>
      database.transaction(async (tx) => {
        await tx.deleteFrom('idempotent_answers').where('key_hash', '=', keyHash).where('expires_at', '<=', now).execute()
        const claimed = await tx
          .insertInto('idempotent_answers')
          .values({ key_hash: keyHash, request_digest: requestDigest, sealed_answer: null, created_at: now, expires_at: expiresAt })
          .onConflict((conflict) => conflict.column('key_hash').doNothing())
          .returning('key_hash')
          .executeTakeFirst()
        if (claimed !== undefined) return { state: 'claimed' }
        const row = await tx.selectFrom('idempotent_answers').selectAll().where('key_hash', '=', keyHash).executeTakeFirst()
        // The first request has just failed and given the key back.
        if (row === undefined) return { state: 'running' }
        if (!Buffer.from(row.request_digest).equals(requestDigest)) return { state: 'other' }
        if (row.sealed_answer === null) return { state: 'running' }
        return { state: 'answered', sealedAnswer: row.sealed_answer, createdAt: row.created_at }
      }),

    answer: async (keyHash, sealedAnswer) => {
      await database.run((db) =>
        db.updateTable('idempotent_answers').set({ sealed_answer: sealedAnswer }).where('key_hash', '=', keyHash).execute(),
      )
    },
  }
}
