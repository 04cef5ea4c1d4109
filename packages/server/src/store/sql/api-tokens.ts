import type { Selectable } from 'kysely'
import type { ApiTokenRecord, ApiTokenStore } from '../store.ts'
import type { Database } from './database.ts'
import { appendChanges, appendEvents } from './log.ts'
import { toOperator } from './operators.ts'
import type { ApiTokensTable } from './tables.ts'

export function apiTokenStore(database: Database): ApiTokenStore {
  const findBy = async (column: 'id' | 'token_hash', value: string | Uint8Array) => {
    const found = await database.run(async (db) => {
      const token = await db.selectFrom('api_tokens').selectAll().where(column, '=', value).executeTakeFirst()
      if (token === undefined) return null
      const operator = await db.selectFrom('operators').selectAll().where('id', '=', token.operator_id).executeTakeFirst()
      return operator === undefined ? null : { token, operator }
    })
    return found === null ? null : { token: toToken(found.token), operator: toOperator(found.operator) }
  }
  return {
    findByHash: (tokenHash) => findBy('token_hash', tokenHash),

    find: (id) => findBy('id', id),

    list: async ({ operatorId, limit, afterId }) => {
      const rows = await database.run((db) => {
        let page = db.selectFrom('api_tokens').selectAll().orderBy('id', 'desc').limit(limit)
        if (operatorId !== undefined) page = page.where('operator_id', '=', operatorId)
        if (afterId !== undefined) page = page.where('id', '<', afterId)
        return page.execute()
      })
      return rows.map(toToken)
    },

    add: (token, event) =>
      database.transaction(async (tx) => {
        await tx.insertInto('api_tokens').values(tokenRow(token)).execute()
        await appendEvents(tx, [event])
      }),

    revoke: (id, operatorId, now, event) =>
      database.transaction(async (tx) => {
        let query = tx.updateTable('api_tokens').set({ revoked_at: now }).where('id', '=', id).where('revoked_at', 'is', null)
        if (operatorId !== null) query = query.where('operator_id', '=', operatorId)
        const revoked = await query.returning('id').executeTakeFirst()
        if (revoked === undefined) return false
        await appendChanges(tx, [{ topic: 'api-token', subject: id, at: now, detail: 'revoked' }])
        await appendEvents(tx, [event])
        return true
      }),

    revokeAll: (operatorId, now, event) =>
      database.transaction(async (tx) => {
        const revoked = await tx
          .updateTable('api_tokens')
          .set({ revoked_at: now })
          .where('operator_id', '=', operatorId)
          .where('revoked_at', 'is', null)
          .returning('id')
          .execute()
        await appendChanges(
          tx,
          revoked.map(({ id }) => ({ topic: 'api-token', subject: id, at: now, detail: 'revoked' })),
        )
        await appendEvents(
          tx,
          revoked.map(({ id }) => ({ ...event, subject: id })),
        )
        return revoked.length
      }),

    noteUse: async (id, at, address) => {
      await database.run((db) =>
        db.updateTable('api_tokens').set({ last_used_at: at, last_used_address: address }).where('id', '=', id).execute(),
      )
    },
  }
}

function toToken(row: Selectable<ApiTokensTable>): ApiTokenRecord {
  return {
    id: row.id,
    operatorId: row.operator_id,
    name: row.name,
    tokenHash: row.token_hash,
    rights: JSON.parse(row.rights),
    agentIds: row.agent_ids === null ? null : JSON.parse(row.agent_ids),
    allow: JSON.parse(row.allow),
    allowConfirmed: row.allow_confirmed === 1,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
    lastUsedAddress: row.last_used_address,
  }
}

function tokenRow(token: ApiTokenRecord) {
  return {
    id: token.id,
    operator_id: token.operatorId,
    name: token.name,
    token_hash: token.tokenHash,
    rights: JSON.stringify(token.rights),
    agent_ids: token.agentIds === null ? null : JSON.stringify(token.agentIds),
    allow: JSON.stringify(token.allow),
    allow_confirmed: token.allowConfirmed ? 1 : 0,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    revoked_at: token.revokedAt,
    last_used_at: token.lastUsedAt,
    last_used_address: token.lastUsedAddress,
  }
}
